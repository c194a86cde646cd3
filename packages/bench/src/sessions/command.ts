// Sessions of two real nodes over sets of several sizes, cold and warm, next to the design's targets.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { badInput } from "../failure.ts";
import { threadsPerNode, type Flags } from "../flags.ts";
import { kernelRates } from "../kernels/limits.ts";
import { kernelSpeed, oprfSpeed } from "../kernels/speed.ts";
import { thisMachine, thisMoment } from "../machine.ts";
import { benchMarkdown } from "../markdown.ts";
import { peerRuns } from "../peers/peers.ts";
import { stagesPicture } from "../picture.ts";
import type { Bench, BenchRun } from "../result.ts";
import { runText } from "../run-text.ts";
import { benchText } from "../text.ts";
import { casesOf } from "./cases.ts";
import { growthOf } from "./growth.ts";
import { measure } from "./measure.ts";

export async function sessionsCommand(flags: Flags): Promise<void> {
  if (flags.source !== undefined) throw badInput("--source goes with `prepare`.");
  const cases = casesOf(flags);
  const threads = threadsPerNode(flags);
  const started = thisMoment();
  // Before the nodes start: kernels are measured on an idle core.
  const kernels = flags.peers ? await kernelRates() : undefined;
  const { name: kernel } = await kernelSpeed();
  const oprf = await oprfSpeed();
  const runs: BenchRun[] = [];
  for (const each of cases) {
    const options = { threads, otK: flags["ot-k"], exact: flags.exact };
    const measured = await measure(each, flags.seed, oprf, options);
    runs.push(...measured);
    if (!flags.json) for (const run of measured) console.error(runText(run));
  }
  const peers = flags.peers ? await peerRuns(runs) : undefined;
  const bench: Bench = {
    machine: thisMachine(),
    started,
    ended: thisMoment(),
    threadsPerNode: threads,
    exact: flags.exact,
    kernel,
    oprf,
    runs,
    growth: growthOf(runs),
    ...(kernels && { kernels }),
    ...(peers && { peers }),
  };
  if (flags.out !== undefined) await writeBench(flags.out, bench);
  process.stdout.write(textOf(bench, flags));
}

function textOf(bench: Bench, { json, markdown }: Flags): string {
  if (json) return `${JSON.stringify(bench)}\n`;
  return markdown ? benchMarkdown(bench) : benchText(bench);
}

/** bench.json, and stages.svg where there are equal sets. */
async function writeBench(folder: string, bench: Bench): Promise<void> {
  const write = (name: string, content: string) => orBadInput(folder, writeFile(join(folder, name), content));
  await orBadInput(folder, mkdir(folder, { recursive: true }));
  await write("bench.json", `${JSON.stringify(bench, undefined, 1)}\n`);
  const equal = bench.runs.some(({ senderPeople, receiverPeople }) => senderPeople === receiverPeople);
  if (equal) await write("stages.svg", stagesPicture(bench.runs));
}

async function orBadInput(folder: string, work: Promise<unknown>): Promise<void> {
  await work.catch((cause: NodeJS.ErrnoException) => {
    throw badInput(`Cannot write to ${folder} (${cause.code}); choose another --out.`, cause);
  });
}
