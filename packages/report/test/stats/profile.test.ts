import { expect, test } from "vitest";
import { profiles, type ReleasedReport } from "../../src/index.ts";
import { bothNoise, standardDeviation, uniform } from "../draws.ts";
import { asSender, indexReport, LAPLACE, partitionOf, sumsReport } from "../reports.ts";

const CELLS = [
  { labels: ["a"], base: 1000, people: 300 },
  { labels: ["b"], base: 3000, people: 500 },
  { labels: ["c"], base: 500, people: 20 },
  { labels: ["d"], base: 6000, people: 1200 },
];

function reportOf(scale: number, random: () => number): ReleasedReport {
  const partitions = [partitionOf(["cohort"], CELLS, { people: scale }, random)];
  return { ...indexReport(), noise: LAPLACE, partitions };
}

test("share in the overlap over share in the base, over the cohorts that were released", () => {
  const report = reportOf(0, uniform(1));
  const [profile] = profiles(report.partitions[0]!, report)!;
  expect(profile!.category).toEqual([]);
  const [a, b, c, d] = profile!.cohorts;
  // 300 of 2,000 in the overlap against 1,000 of 10,000 in the base.
  expect(a!.overlapShare!.value).toBeCloseTo(15, 10);
  expect(a!.baseShare).toBeCloseTo(10, 10);
  expect(a!.index!.value).toBeCloseTo(150, 10);
  expect(b!.index!.value).toBeCloseTo((100 * 25) / 30, 10);
  expect(c).toMatchObject({ base: { value: 500n }, people: undefined, index: undefined });
  expect(d!.index!.value).toBeCloseTo(100, 10);
  expect(a!.index).toMatchObject({ noiseError: 0 });
  expect(a!.index!.samplingError).toBeCloseTo(1000 * Math.sqrt((0.15 * 0.85) / 2000), 6);
});

test("the standard error of the noise is that of 20,000 simulated releases, and the interval covers the truth", () => {
  const random = uniform(2);
  const shown = CELLS.filter(({ people }) => people >= 100);
  const [first] = profiles(reportOf(8, uniform(3)).partitions[0]!, reportOf(8, uniform(3)))!;
  const seen = Array.from({ length: 20_000 }, () => {
    const [a, ...others] = shown.map(({ people }) => people + bothNoise(random, 8));
    return (1000 * a!) / others.reduce((sum, people) => sum + people, a!);
  });
  expect(first!.cohorts[0]!.index!.noiseError / standardDeviation(seen)).toBeCloseTo(1, 1);
  let covered = 0;
  for (let run = 0; run < 300; run++) {
    const report = reportOf(8, random);
    const { low, high } = profiles(report.partitions[0]!, report)![0]!.cohorts[0]!.index!;
    if (low <= 150 && 150 <= high) covered++;
  }
  // The interval holds sampling too, which these runs do not have: it covers at least what it states.
  expect(covered).toBeGreaterThanOrEqual(285);
});

test("one profile for each category of the partner, none without a base", () => {
  const report = sumsReport();
  const found = profiles(report.partitions[0]!, report)!;
  expect(found.map(({ category }) => category)).toEqual([["gold"], ["standard"]]);
  expect(found[0]!.cohorts.map(({ labels, index }) => [labels[0], index === undefined])).toContainEqual([
    "Newsletter",
    true,
  ]);
  const sender = asSender(report);
  expect(profiles(sender.partitions[0]!, sender)).toBeUndefined();
});

test("the sender's profile is of its own categories within each cell of the receiver", () => {
  const sender = asSender(sumsReport());
  const base = [
    { labels: ["gold"], people: 8000 },
    { labels: ["standard"], people: 22_500 },
  ];
  const found = profiles({ ...sender.partitions[0]!, base }, sender)!;
  const launch = found.find(({ category }) => category[0] === "App Launch")!;
  // 580 gold and 1,090 standard people, of 8,000 and 22,500.
  expect(launch.cohorts[0]!.index!.value).toBeCloseTo((100 * (580 / 1670)) / (8000 / 30_500), 9);
});
