// `npm run test:soak -- [--sessions N]`: N small sessions in a row (2,000) between two nodes over TLS, the command `serve` and a program that
// runs one report after the other. A hundred times on the way it notes what both processes use and what both stores hold. Ends with 1
// if memory, open descriptors, processor time a session, or what the store grows by a session is not flat.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { endServing, startNodes, type TwoProcesses } from "../two-processes.ts";
import { Asking } from "./asking.ts";
import { flatness } from "./flat.ts";
import { letTimePass, storeBytes, tableBytes } from "./kept.ts";
import { figuresOf } from "./process-figures.ts";

const { values } = parseArgs({ options: { sessions: { type: "string", default: "2000" } } });
const SAMPLES = 100;
const sessions = Number(values.sessions);
const each = Math.max(1, Math.floor(sessions / SAMPLES));
const SIDES = ["advertiser", "publisher"] as const;
/** Most that the later half may rise by, as a part of its median. */
const RISE_MAX = { memory: 0.05, descriptors: 0.05, cpu: 0.1, growth: 0.1 };
type Figure = keyof typeof RISE_MAX;
type Side = (typeof SIDES)[number];

const say = (line: string) => process.stdout.write(`${line}\n`);
const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);

interface Sample {
  readonly session: number;
  readonly seconds: number;
  readonly sides: Readonly<Record<Side, ReturnType<typeof figuresOf> & { readonly storeBytes: number }>>;
}

function sample(nodes: TwoProcesses, asking: Asking, session: number, sinceMs: number): Sample {
  const side = (name: Side, pid: number) => ({ ...figuresOf(pid), storeBytes: storeBytes(nodes[name]) });
  return {
    session,
    seconds: (performance.now() - sinceMs) / 1000,
    sides: { advertiser: side("advertiser", asking.pid), publisher: side("publisher", nodes.serving.pid!) },
  };
}

async function runAll(nodes: TwoProcesses, asking: Asking): Promise<Sample[]> {
  const samples: Sample[] = [];
  const sinceMs = performance.now();
  for (let session = 1; session <= sessions; session++) {
    await asking.report(session);
    if (session % each !== 0) continue;
    samples.push(sample(nodes, asking, session, sinceMs));
    if (samples.length % 5 === 0) tell(samples.at(-1)!);
  }
  return samples;
}

function tell({ session, seconds, sides }: Sample): void {
  const words = SIDES.map((side) => {
    const { memoryBytes, descriptors, cpuSeconds, storeBytes: store } = sides[side];
    return `${side} ${megabytes(memoryBytes)} MiB, ${descriptors} descriptors, ${cpuSeconds.toFixed(0)} s of processor, store ${megabytes(store)} MiB`;
  });
  say(`${session} sessions, ${seconds.toFixed(0)} s: ${words.join("; ")}`);
}

/** The series of a side; of what adds up, the difference to the sample before, for each session. */
function seriesOf(samples: readonly Sample[], side: Side): Record<Figure, number[]> {
  const all = samples.map(({ sides }) => sides[side]);
  const steps = (value: (figures: (typeof all)[number]) => number) =>
    all.slice(1).map((figures, i) => (value(figures) - value(all[i]!)) / each);
  return {
    memory: all.map(({ memoryBytes }) => memoryBytes),
    descriptors: all.map(({ descriptors }) => descriptors),
    cpu: steps(({ cpuSeconds }) => cpuSeconds),
    growth: steps(({ storeBytes: bytes }) => bytes),
  };
}

const SHOWN: Readonly<Record<Figure, readonly [words: string, show: (level: number) => string]>> = {
  memory: ["memory", (bytes) => `${megabytes(bytes)} MiB`],
  descriptors: ["open descriptors", String],
  cpu: ["processor time a session", (seconds) => `${(1000 * seconds).toFixed(0)} ms`],
  growth: ["growth of the store a session", (bytes) => `${(bytes / 1024).toFixed(1)} KiB`],
};

function judge(samples: readonly Sample[], side: Side): void {
  const series = seriesOf(samples, side);
  for (const figure of Object.keys(RISE_MAX) as Figure[]) {
    const { level, rise } = flatness(series[figure]);
    const [words, show] = SHOWN[figure];
    const isFlat = rise <= RISE_MAX[figure];
    if (!isFlat) process.exitCode = 1;
    say(
      `${side}, ${words}: ${show(level)}, ${(100 * rise).toFixed(1)} % more at the end of the later half: ${isFlat ? "flat" : "NOT FLAT"}`,
    );
  }
}

async function tellKept(nodes: TwoProcesses, side: Side): Promise<void> {
  const folder = nodes[side];
  const [store, before] = [storeBytes(folder), tableBytes(folder)];
  await letTimePass(folder);
  const [left, after] = [storeBytes(folder), tableBytes(folder)];
  say(
    `${side}'s store: ${(store / sessions / 1024).toFixed(1)} KiB a session, ${(left / sessions / 1024).toFixed(1)} KiB once retention is over`,
  );
  for (const [table, bytes] of before)
    say(
      `  ${table}: ${(bytes / sessions).toFixed(0)} bytes a session, then ${((after.get(table) ?? 0) / sessions).toFixed(0)}`,
    );
}

const root = mkdtempSync(join(tmpdir(), "halfroom-soak-"));
try {
  const nodes = await startNodes(root);
  const asking = new Asking(nodes);
  let samples: Sample[];
  try {
    samples = await runAll(nodes, asking);
  } finally {
    await asking.end();
    await endServing(nodes);
  }
  say(`${sessions} sessions in ${samples.at(-1)!.seconds.toFixed(0)} s`);
  for (const side of SIDES) judge(samples, side);
  for (const side of SIDES) await tellKept(nodes, side);
} finally {
  rmSync(root, { recursive: true, force: true });
}
