// One pair of sets: a cold session, then a warm one over the same people.
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { mergeStages, type StageOfBoth, type StageOfSide } from "@halfroom/report";
import { Failure } from "../failure.ts";
import type { OprfSpeed } from "../kernels/speed.ts";
import { expectedOf } from "../bytes/expected.ts";
import { kindsOf } from "../bytes/kinds.ts";
import { openLine, type Line, type LineSpec } from "../line/line.ts";
import type { BenchRun } from "../result.ts";
import type { Case } from "./cases.ts";
import { openPair, type Ended, type PairOptions } from "./node-pair.ts";
import { sharedPeople, writePeople, type Sizes } from "./people-files.ts";

/** Different thresholds make the second request a different one: the same would get the first one's stored report. */
const THRESHOLDS = { cold: 40, warm: 41 };
/** The noise of both sides in a cell's people has a standard deviation of 1; in all cells together it is far below this. */
const noiseMax = ({ cells }: Sizes): number => 12 * Math.sqrt(cells);

/** What a node's stored report says about its session. */
interface StoredReport {
  readonly partitions: readonly [
    { readonly cells: readonly { readonly people: { readonly value: number | null } }[] },
  ];
  readonly details: {
    readonly stages: readonly StageOfSide[];
    readonly seconds: number;
    readonly peakMemoryBytes: number;
  };
}

export async function measure(
  measured: Case,
  seed: string,
  oprf: OprfSpeed,
  options: Omit<PairOptions, "ends" | "transfers">,
): Promise<readonly [cold: BenchRun, warm: BenchRun]> {
  const { sizes, transfers, link } = measured;
  const folder = await mkdtemp(join(tmpdir(), "halfroom-bench-"));
  let opened: Line | undefined;
  try {
    opened = link && (await openLine(link, folder));
    const files = await writePeople(folder, sizes, seed);
    const pair = await openPair(folder, sizes, files, { ...options, transfers, ends: opened?.ends });
    try {
      const tolerance = options.exact ? 0 : noiseMax(sizes);
      const cold = runOf(measured, false, tolerance, await pair.session(THRESHOLDS.cold));
      return [
        { ...cold, ...kernelShares(cold, oprf) },
        runOf(measured, true, tolerance, await pair.session(THRESHOLDS.warm)),
      ];
    } finally {
      await pair.close();
    }
  } finally {
    await opened?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function runOf(
  { sizes, transfers, link }: Case,
  warm: boolean,
  tolerance: number,
  { reports, receipt, moved }: Ended,
): BenchRun {
  const stored = reports.map((text) => JSON.parse(text) as StoredReport);
  assertRight(sizes, stored[0]!, tolerance);
  const [sender, receiver] = stored.map(({ details }) => details);
  const stages = mergeStages(sender!.stages, receiver!.stages);
  const after = afterPseudonymise(stages);
  const { receiverPeople } = sizes;
  const { messages, expansions } = expectedOf(receipt, warm ? 0 : receiverPeople);
  return {
    ...sizes,
    transfers,
    ...(link && { link }),
    warm,
    stages,
    seconds: sender!.seconds,
    cpuSeconds: total(stages, "cpuSeconds"),
    rowsPerCoreSecond: (2 * receiverPeople) / total(after, "cpuSeconds"),
    bytesPerRow: (total(stages, "senderBytes") + total(stages, "receiverBytes")) / receiverPeople,
    messages: kindsOf(messages, moved),
    ...(expansions && { expansions }),
    peakMemoryBytes: { sender: sender!.peakMemoryBytes, receiver: receiver!.peakMemoryBytes },
    load: loadavg()[0]!,
    ...(link && { wireSeconds: wireSeconds(stages, link) }),
  };
}

/** What the line alone takes for the bytes of the direction that has more. */
function wireSeconds(stages: readonly StageOfBoth[], { mbit }: LineSpec): number {
  const bytes = Math.max(total(stages, "senderBytes"), total(stages, "receiverBytes"));
  return (bytes * 8) / (mbit * 1e6);
}

function kernelShares(
  { senderPeople, receiverPeople, stages }: BenchRun,
  oprf: OprfSpeed,
): Required<Pick<BenchRun, "kernelShare" | "busierSideShare">> {
  const { receiverRowsPerSecond, evaluatedRowsPerSecond, senderRowsPerSecond } = oprf;
  const receiver = receiverPeople / receiverRowsPerSecond;
  const sender = receiverPeople / evaluatedRowsPerSecond + senderPeople / senderRowsPerSecond;
  const { seconds } = stages.find(({ name }) => name === "pseudonymise")!;
  const whole = availableParallelism() * seconds;
  return {
    kernelShare: (receiver + sender) / whole,
    busierSideShare: Math.max(receiver, sender) / (whole / 2),
  };
}

/** A benchmark of wrong results is worthless. With few people, some cells are below the threshold. */
function assertRight(sizes: Sizes, { partitions: [{ cells }] }: StoredReport, tolerance: number): void {
  const shared = sharedPeople(sizes);
  if (shared < 2 * sizes.cells * THRESHOLDS.warm) return;
  const counted = cells.reduce((sum, { people }) => sum + Number(people.value), 0);
  if (Math.abs(counted - shared) > tolerance)
    throw new Failure(`${counted} people were counted instead of ${shared}.`);
}

export function afterPseudonymise(stages: readonly StageOfBoth[]): readonly StageOfBoth[] {
  return stages.slice(stages.findIndex(({ name }) => name === "pseudonymise") + 1);
}

export function total(
  stages: readonly StageOfBoth[],
  member: "seconds" | "cpuSeconds" | "senderBytes" | "receiverBytes",
): number {
  return stages.reduce((sum, stage) => sum + stage[member], 0);
}
