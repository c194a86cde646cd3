// Sessions of two real nodes over sets of several sizes, cold and warm, next to the design's targets.
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { badInput } from "../failure.ts";
import { threadsPerNode, wholeNumber, wholeNumbers, type Flags } from "../flags.ts";
import { lineSpec, type LineSpec } from "../line/line.ts";
import { kernelRates } from "../kernels/limits.ts";
import { kernelSpeed, oprfSpeed } from "../kernels/speed.ts";
import { peerRuns } from "../peers/peers.ts";
import { stagesPicture } from "../picture.ts";
import type { Bench, BenchRun } from "../result.ts";
import { benchText, runText } from "../text.ts";
import { growthOf } from "./growth.ts";
import { measure } from "./measure.ts";
import type { Sizes } from "./people-files.ts";

const ROWS_MAX = 12_000_000;
const SIZES = [10_000, 100_000, 1_000_000];
const FULL_SIZE = 10_000_000;
const FEW = 10_000;
const MANY = 1_000_000;
/** What a report may have (protocol-spec.md, section 4). */
const CELLS_MAX = 65_536;
const MEASURES_MAX = 16;

type People = Pick<Sizes, "senderPeople" | "receiverPeople">;

export async function sessionsCommand(flags: Flags): Promise<void> {
  if (flags.source !== undefined) throw badInput("--source goes with `prepare`.");
  const cases = casesOf(flags);
  const line = flags.link === undefined ? undefined : lineSpec(flags.link);
  const threads = threadsPerNode(flags);
  // Before the nodes start: kernels are measured on an idle core.
  const kernels = flags.peers ? await kernelRates() : undefined;
  const { name: kernel } = await kernelSpeed();
  const oprf = await oprfSpeed();
  const runs: BenchRun[] = [];
  for (const sizes of cases) {
    const options = { threads, otK: flags["ot-k"], exact: flags.exact };
    const measured = await measure(sizes, flags.seed, oprf, options, line);
    runs.push(...measured);
    if (!flags.json) for (const run of measured) console.error(runText(run));
  }
  const bench: Bench = {
    processor: cpus()[0]?.model ?? "unknown processor",
    cores: availableParallelism(),
    threadsPerNode: threads,
    exact: flags.exact,
    ...(line && { link: line }),
    kernel,
    oprf,
    runs,
    growth: growthOf(runs),
    ...(kernels && { kernels }),
    ...(flags.peers && { peers: await peerRuns(runs) }),
  };
  if (flags.out !== undefined) await writeBench(flags.out, bench);
  process.stdout.write(flags.json ? `${JSON.stringify(bench)}\n` : benchText(bench));
}

/** The requested sizes, with each number of cells and of measures. */
function casesOf(flags: Flags): readonly Sizes[] {
  const cells = wholeNumbers("cells", flags.cells, 1, CELLS_MAX);
  const measures = wholeNumbers("measures", flags.measures, 1, MEASURES_MAX);
  return cells.flatMap((each) =>
    measures.flatMap((sums) => peopleOf(flags).map((people) => ({ ...people, cells: each, measures: sums }))),
  );
}

/** The requested sets, or all of them including the unequal ones. */
function peopleOf(flags: Flags): readonly People[] {
  const equal = (people: number): People => ({ senderPeople: people, receiverPeople: people });
  const { rows, "sender-rows": senderRows } = flags;
  if (rows !== undefined || senderRows !== undefined || flags.link !== undefined) {
    return (rows ?? "100000").split(",").map((text) => {
      const receiverPeople = wholeNumber("rows", text, 1, ROWS_MAX);
      if (senderRows === undefined) return equal(receiverPeople);
      return { senderPeople: wholeNumber("sender-rows", senderRows, 1, ROWS_MAX), receiverPeople };
    });
  }
  return [
    ...SIZES.map(equal),
    ...(flags.full ? [equal(FULL_SIZE)] : []),
    { senderPeople: MANY, receiverPeople: FEW },
    { senderPeople: FEW, receiverPeople: MANY },
  ];
}

/** bench.json, and stages.svg where there are equal sets; of a line, a file that is named after it. */
async function writeBench(folder: string, bench: Bench): Promise<void> {
  const write = (name: string, content: string) => orBadInput(folder, writeFile(join(folder, name), content));
  await orBadInput(folder, mkdir(folder, { recursive: true }));
  const text = `${JSON.stringify(bench, undefined, 1)}\n`;
  if (bench.link !== undefined) return await write(`${lineName(bench.link)}.json`, text);
  await write("bench.json", text);
  const equal = bench.runs.some(({ senderPeople, receiverPeople }) => senderPeople === receiverPeople);
  if (equal) await write("stages.svg", stagesPicture(bench.runs));
}

function lineName({ rttMs, mbit, lossPercent }: LineSpec): string {
  return `line-${rttMs}ms-${mbit}mbit${lossPercent > 0 ? `-${lossPercent}percent` : ""}`;
}

async function orBadInput(folder: string, work: Promise<unknown>): Promise<void> {
  await work.catch((cause: NodeJS.ErrnoException) => {
    throw badInput(`Cannot write to ${folder} (${cause.code}); choose another --out.`, cause);
  });
}
