// A long line between two nodes on this machine: `line.c` between two network namespaces, in each of which one node runs.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { badInput, Failure } from "../failure.ts";

const runFile = promisify(execFile);
const SOURCE = fileURLToPath(new URL("./line.c", import.meta.url));
const SPEC = /^(\d{1,4}(?:\.\d+)?)ms,(\d{1,5}(?:\.\d+)?)mbit(?:,(\d{1,2}(?:\.\d+)?)%)?$/;
/** Of the two ends, as `line.c` gives them. */
const HOSTS = ["10.77.0.1", "10.77.0.2"] as const;

export interface LineSpec {
  readonly rttMs: number;
  /** Million bits a second, each way. */
  readonly mbit: number;
  readonly lossPercent: number;
}

/** One end of the line. */
export interface LineEnd {
  readonly host: string;
  /** What goes before a command that runs at this end. */
  readonly prefix: readonly string[];
}

export interface Line {
  readonly ends: readonly [LineEnd, LineEnd];
  close(): Promise<void>;
}

/** The lines of `--link`; undefined stands for none. */
export function lineSpecs(text: string): (LineSpec | undefined)[] {
  return text.split("/").map((each) => (each === "none" ? undefined : lineSpec(each)));
}

/** As `--link` takes it. */
export function lineText(line: LineSpec | undefined): string {
  if (line === undefined) return "none";
  const { rttMs, mbit, lossPercent } = line;
  return `${rttMs}ms,${mbit}mbit${lossPercent > 0 ? `,${lossPercent}%` : ""}`;
}

/** "80ms,100mbit" or "200ms,1000mbit,1%": the round trip, the rate each way, the share of packets that is lost. */
function lineSpec(text: string): LineSpec {
  const [, rtt, mbit, loss = "0"] = SPEC.exec(text) ?? [];
  if (rtt === undefined || Number(mbit) === 0)
    throw badInput(`--link ${text} is not none, nor a line such as 80ms,100mbit or 200ms,1000mbit,1%.`);
  return { rttMs: Number(rtt), mbit: Number(mbit), lossPercent: Number(loss) };
}

/** Builds the emulator in `folder` and starts it. Throws Failure where this machine cannot: it takes Linux, root, ip and cc. */
export async function openLine({ rttMs, mbit, lossPercent }: LineSpec, folder: string): Promise<Line> {
  const program = join(folder, "line");
  const names = ["a", "b"].map((end) => `halfroom-${process.pid}-${end}`);
  const remove = async () => {
    for (const name of names) await runFile("ip", ["netns", "delete", name]).catch(() => {});
  };
  try {
    await runFile("cc", ["-O2", "-o", program, SOURCE]);
    for (const name of names) await runFile("ip", ["netns", "add", name]);
  } catch (cause) {
    await remove();
    throw new Failure(`--link needs Linux, root, ip and cc: ${(cause as Error).message.trim()}`);
  }
  const child = spawn(program, [...names, String(rttMs), String(mbit), String(lossPercent)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const isUp = await Promise.race([once(child.stdout, "data").then(() => true), ended.then(() => false)]);
  if (!isUp) {
    await remove();
    throw new Failure("The emulator of --link did not start.");
  }
  const end = (i: 0 | 1): LineEnd => ({ host: HOSTS[i], prefix: ["ip", "netns", "exec", names[i]!] });
  return {
    ends: [end(0), end(1)],
    async close() {
      child.kill();
      await ended;
      await remove();
    },
  };
}
