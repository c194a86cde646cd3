// How cost grows with size: the exponent between neighbouring sizes, of runs that differ in nothing else, for equal sets.
import { lineText } from "../line/line.ts";
import type { BenchRun, Growth } from "../result.ts";

const SIZES = {
  people: (run: BenchRun) => run.receiverPeople,
  cells: (run: BenchRun) => run.cells,
  measures: (run: BenchRun) => run.measures,
} as const;
const NAMES = Object.keys(SIZES) as (keyof typeof SIZES)[];

export function growthOf(runs: readonly BenchRun[]): Growth[] {
  const equal = runs.filter((run) => run.senderPeople === run.receiverPeople);
  return NAMES.flatMap((by) => {
    const others = (run: BenchRun) =>
      [
        run.warm,
        run.transfers,
        lineText(run.link),
        ...NAMES.map((name) => (name === by ? 0 : SIZES[name](run))),
      ].join();
    const alike = [...new Set(equal.map(others))];
    return alike.flatMap((all) =>
      growthBy(
        by,
        equal.filter((run) => others(run) === all),
      ),
    );
  });
}

const COSTS = {
  seconds: (run: BenchRun) => run.seconds,
  cpuSeconds: (run: BenchRun) => run.cpuSeconds,
  bytes: (run: BenchRun) => run.bytesPerRow * run.receiverPeople,
} as const;

function growthBy(by: keyof typeof SIZES, runs: readonly BenchRun[]): Growth[] {
  const size = SIZES[by];
  const sorted = runs.toSorted((a, b) => size(a) - size(b));
  return sorted.slice(1).map((run, i) => {
    const before = sorted[i]!;
    const exponent = (cost: keyof typeof COSTS) =>
      Math.log(COSTS[cost](run) / COSTS[cost](before)) / Math.log(size(run) / size(before));
    const { transfers, link, warm } = run;
    return {
      by,
      transfers,
      ...(link && { link }),
      warm,
      from: size(before),
      to: size(run),
      seconds: exponent("seconds"),
      cpuSeconds: exponent("cpuSeconds"),
      bytes: exponent("bytes"),
    };
  });
}
