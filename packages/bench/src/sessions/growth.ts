// How cost grows with size: the exponent between neighbouring sizes, for equal sets.
import type { BenchRun, Growth } from "../result.ts";

export function growthOf(runs: readonly BenchRun[]): Growth[] {
  return [false, true].flatMap((warm) => {
    const equal = runs
      .filter((run) => run.warm === warm && run.senderPeople === run.receiverPeople)
      .toSorted((a, b) => a.receiverPeople - b.receiverPeople);
    return equal.slice(1).map((run, i) => {
      const before = equal[i]!;
      const exponent = (member: "seconds" | "cpuSeconds") =>
        Math.log(run[member] / before[member]) / Math.log(run.receiverPeople / before.receiverPeople);
      return {
        warm,
        from: before.receiverPeople,
        to: run.receiverPeople,
        seconds: exponent("seconds"),
        cpuSeconds: exponent("cpuSeconds"),
      };
    });
  });
}
