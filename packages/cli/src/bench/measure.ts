// One pair of sets: a cold session, then a warm one over the same people.
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { StageTiming } from "@halfroom/node";
import { EXIT, Failure } from "../failure.ts";
import { mergeStages } from "../rehearsal.ts";
import type { BenchRun, BenchStage } from "./bench.types.ts";
import { openPair, type PairOptions } from "./node-pair.ts";
import { CELLS, sharedPeople, writePeople, type Sizes } from "./people-files.ts";

/** Under other thresholds the second request is not the first one, whose report is stored. */
const THRESHOLDS = { cold: 11, warm: 12 };

/** What a node's stored report says of its session. */
interface StoredReport {
  readonly partitions: readonly [
    { readonly cells: readonly { readonly people: { readonly value: number } }[] },
  ];
  readonly details: {
    readonly stages: readonly StageTiming[];
    readonly seconds: number;
    readonly peakMemoryBytes: number;
  };
}

export async function measure(
  sizes: Sizes,
  seed: string,
  options: PairOptions,
): Promise<readonly [cold: BenchRun, warm: BenchRun]> {
  const folder = await mkdtemp(join(tmpdir(), "halfroom-bench-"));
  try {
    const pair = await openPair(folder, await writePeople(folder, sizes, seed), options);
    try {
      const cold = runOf(sizes, false, await pair.session(THRESHOLDS.cold));
      return [cold, runOf(sizes, true, await pair.session(THRESHOLDS.warm))];
    } finally {
      await pair.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runOf(sizes: Sizes, warm: boolean, texts: { sender: string; receiver: string }): BenchRun {
  const reports = [texts.sender, texts.receiver].map((text) => JSON.parse(text) as StoredReport);
  assertRight(sizes, reports[0]!);
  const [sender, receiver] = reports.map(({ details }) => details);
  const stages = mergeStages(sender!.stages, receiver!.stages);
  const after = afterPseudonymise(stages);
  const { receiverPeople } = sizes;
  return {
    ...sizes,
    warm,
    stages,
    seconds: sender!.seconds,
    cpuSeconds: total(stages, "cpuSeconds"),
    rowsPerCoreSecond: (2 * receiverPeople) / total(after, "cpuSeconds"),
    bytesPerRow: (total(stages, "senderBytes") + total(stages, "receiverBytes")) / receiverPeople,
    peakMemoryBytes: { sender: sender!.peakMemoryBytes, receiver: receiver!.peakMemoryBytes },
    load: loadavg()[0]!,
  };
}

/** A benchmark of wrong results is none. */
function assertRight(sizes: Sizes, { partitions: [{ cells }] }: StoredReport): void {
  const shared = sharedPeople(sizes);
  const counted = cells.reduce((sum, { people }) => sum + people.value, 0);
  if (shared >= 4 * CELLS * THRESHOLDS.warm && counted !== shared)
    throw new Failure(EXIT.protocolFailure, `${counted} people were counted instead of ${shared}.`);
}

export function afterPseudonymise(stages: readonly BenchStage[]): readonly BenchStage[] {
  return stages.slice(stages.findIndex(({ name }) => name === "pseudonymise") + 1);
}

export function total(
  stages: readonly BenchStage[],
  member: "seconds" | "cpuSeconds" | "senderBytes" | "receiverBytes",
): number {
  return stages.reduce((sum, stage) => sum + stage[member], 0);
}
