// A run whose cost is known.
import type { BenchRun } from "../src/result.ts";

export function runOf(changes: Partial<BenchRun> = {}): BenchRun {
  return {
    senderPeople: 100,
    receiverPeople: 100,
    cells: 64,
    measures: 1,
    transfers: "softspoken",
    warm: false,
    stages: [{ name: "pseudonymise", seconds: 1, cpuSeconds: 1, senderBytes: 1, receiverBytes: 1 }],
    seconds: 1,
    cpuSeconds: 1,
    rowsPerCoreSecond: 1,
    bytesPerRow: 1,
    messages: [],
    peakMemoryBytes: { sender: 1, receiver: 1 },
    load: 0,
    ...changes,
  };
}
