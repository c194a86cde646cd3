import { describe, expect, test } from "vitest";
import { releasedText, type ReleasedReport } from "../src/index.ts";
import { hostileReports } from "./hostile.ts";
import {
  asSender,
  attributionReport,
  indexReport,
  liftReport,
  overlapReport,
  reachReport,
  sumsReport,
} from "./reports.ts";

const plain = (report: ReleasedReport) => releasedText(report, { colors: false });
const row = (text: string, ...parts: string[]) =>
  text.split("\n").find((line) => parts.every((part) => line.includes(part)));

describe("the terminal text", () => {
  test("of an overlap: people, rates, what is hidden and how noisy it is", () => {
    const origin = { partner: "acme", session: "a1".repeat(32), made: new Date("2026-03-01T10:00:00Z") };
    const text = releasedText({ ...overlapReport(), origin }, { colors: false });
    expect(text).toContain("Audience overlap with acme\nPartner: acme\nMade: 2026-03-01 10:00 UTC\n");
    expect(text).toContain(`Session: ${"a1".repeat(32)}`);
    expect(row(text, "Islands")).toMatch(/Islands .* 300 .* under threshold .* under threshold/);
    expect(row(text, "North")).toMatch(/12,000 .* 3,307 ± 9 .* 28 % \(27 to 28\)/);
    const words = text.replaceAll(/\n {2}/g, " ");
    expect(words).toContain("One of 6 cells stayed closed and says “under threshold”.");
    expect(words).toContain("Both sides added random noise to every number (discrete Laplace, epsilon 1)");
  });

  test("of sums: a sum of too few contributors is hidden while its people stand", () => {
    const text = plain(sumsReport());
    expect(row(text, "Brand Film", "standard")).toMatch(
      /1,250 .* 73,750\.00 .* 59\.00 .* 20\.00 .* under threshold/,
    );
    expect(row(text, "│ all", "gold")).toMatch(/48,200 .* 2,700 .* 6 % .* 180,?/);
    // The totals of all categories opened.
    expect(text).toContain("People in common: 8,950 (exact)");
    expect(text).toContain("The numbers are exact: no noise was added.");
  });

  test("of an index, reach, attribution and lift", () => {
    expect(row(plain(indexReport()), "35-44", "10,400")).toMatch(
      /21\.6 % .* 2,353 ± 17 .* 35\.7 % .* 166 .* 160 to 171/,
    );
    const reach = plain(reachReport());
    expect(row(reach, "Newsletter", "│ 2 ")).toMatch(/201 ± 25 .* 321 ± 35, shown .* 1\.1 % ± 0\.2, shown/);
    expect(row(reach, "Newsletter", "11+")).not.toMatch(/ 0 /);
    expect(row(plain(attributionReport()), "Retargeting", "4,300")).toMatch(/1,437 ± 21 .* 87,956 ± 5,347/);
    const lift = plain(liftReport());
    expect(lift).toMatch(/^Lift: \+14\.8 % \(\+7\.0 % to \+23\.2 %; p = 0\.0001\)$/m);
    expect(row(lift, "Brand Film", "10,200")).toMatch(
      /-4\.2 % \(-17\.7 % to \+11\.5 %\) .* -28 ± 100 .* 0\.58/,
    );
  });

  test("of a measure's lift without squares gives no interval and no verdict, and says why", () => {
    const report = liftReport();
    const measures = report.measures.map((measure) => ({ ...measure, squares: false }));
    const partitions = report.partitions.map(({ cells, ...partition }) => ({
      ...partition,
      cells: cells.map(({ labels, people, sums }) => ({ labels, people, sums })),
    }));
    const without = plain({ ...report, measures, partitions });
    const ofMeasure = (text: string) =>
      text
        .split(/^Lift in value/m)
        .slice(1)
        .map((part) => part.split(/^(?:What was opened|Lift in people)/m)[0])
        .join("\n");
    expect(ofMeasure(without)).toContain("more than chance cannot be said");
    expect(ofMeasure(without)).not.toMatch(/95 %|p-value|±|Infinity|NaN/);
    expect(row(ofMeasure(without), "Brand Film", "10,200")).toMatch(/-\d+\.\d %/);
    expect(ofMeasure(plain(report))).toMatch(/95 % interval.*p-value/s);
  });

  test("of the sender says what only the partner knows", () => {
    const lift = asSender(liftReport());
    expect(row(plain(lift), "Brand Film", "10,")).toMatch(/10,\d\d\d ± \d+ .* ± \d+ .*-\d\.\d % \(/);
    const closed = lift.partitions.map((partition) => ({ ...partition, cells: [] }));
    const text = plain({ ...lift, partitions: closed });
    expect(text).toContain("there is no lift");
    expect(text).not.toContain("p-value");
    expect(plain(asSender(overlapReport())).replaceAll(/\s+/g, " ")).toContain(
      "Only the partner, who owns their labels, knows",
    );
  });

  test("has nothing that a terminal obeys, and cuts long labels", () => {
    for (const report of hostileReports()) {
      const text = plain(report);
      expect(text).not.toMatch(/[^\n\P{C}]/u);
      expect(text).not.toContain("x".repeat(41));
      expect(text).toContain("over 85 %");
    }
  });

  test("of a number below zero shows it as it is", () => {
    const report = attributionReport();
    const [partition] = report.partitions;
    const cells = partition!.cells.map((cell, i) =>
      i === 0 ? { ...cell, sums: [{ value: -12n, variance: 100 }, cell.sums[1]] } : cell,
    );
    const text = plain({ ...report, partitions: [{ ...partition!, cells }] });
    expect(text).toContain("-12 ± 21");
    expect(text).toContain("A number below zero");
  });
});
