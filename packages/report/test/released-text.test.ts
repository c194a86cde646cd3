import { describe, expect, test } from "vitest";
import { parseDecimal, releasedCsv, releasedText, type ReleasedReport } from "../src/index.ts";
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
import { readCsv } from "./read-csv.ts";

/** What a reader of a field makes of it. */
const labelOf = (field: string) =>
  field
    .replace(/^'/, "")
    .replaceAll(/\\u\{([0-9a-f]+)\}/g, (_, hex) => String.fromCodePoint(Number.parseInt(hex, 16)));
const plain = (report: ReleasedReport) => releasedText(report, { colors: false });
const row = (text: string, ...parts: string[]) =>
  text.split("\n").find((line) => parts.every((part) => line.includes(part)));

describe("the terminal text", () => {
  test("of an overlap: people, rates, what is hidden and how noisy it is", () => {
    const text = releasedText(overlapReport(), { colors: false, origin: { partner: "acme" } });
    expect(text).toContain("Audience overlap with acme");
    expect(row(text, "Islands")).toMatch(/Islands .* 300 .* under threshold .* under threshold/);
    expect(row(text, "North")).toMatch(/12,000 .* 3,307 ± 9 .* 28 % \(27 to 28\)/);
    const words = text.replaceAll(/\n {2}/g, " ");
    expect(words).toContain("One of 6 cells did not and says “under threshold”.");
    expect(words).toContain("Both sides added random noise to every number (discrete Laplace, epsilon 1)");
  });

  test("of sums: a sum of too few contributors is hidden while its people stand", () => {
    const text = plain(sumsReport());
    expect(row(text, "Brand Film", "standard")).toMatch(
      /1,250 .* 73,750\.00 .* 59\.00 .* 20\.00 .* under threshold/,
    );
    expect(row(text, "│ all", "gold")).toMatch(/48,200 .* 2,700 .* 6 % .* 180,?/);
    expect(text).toContain("People in common: ≥ 8,950 (counted from the numbers shown)");
    expect(text).toContain("The numbers are exact: no noise was added.");
  });

  test("of an index, reach, attribution and lift", () => {
    expect(row(plain(indexReport()), "35-44", "10,400")).toMatch(
      /21\.6 % .* 2,353 ± 17 .* 35\.7 % .* 166 .* 160 to 171/,
    );
    const reach = plain(reachReport());
    expect(row(reach, "Newsletter", "│ 2 ")).toMatch(/201 ± 25 .* ≥ 321 ± 35 .* ≥ 1\.1 %/);
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

describe("CSV", () => {
  test("has a line for each cell of each partition, the hidden ones of this side too", () => {
    const report = overlapReport();
    const [head, ...lines] = readCsv(releasedCsv(report));
    expect(head).toEqual([
      "partition",
      "region",
      "base",
      "people",
      "people standard error",
      "people low",
      "people high",
      "match rate",
    ]);
    expect(lines).toHaveLength(6);
    expect(lines.map(([partition]) => partition)).toEqual(["1", "2", "2", "2", "2", "2"]);
    expect(lines.find(([, region]) => region === "Islands")).toEqual([
      "2",
      "Islands",
      "300",
      "under threshold",
      "",
      "",
      "",
      "",
    ]);
    // Standard deviation 4: the bounds are 2.056 of it away, rounded outward.
    expect(lines.find(([, region]) => region === "North")).toEqual([
      "2",
      "North",
      "12000",
      "3307",
      "4",
      "3298",
      "3316",
      "28",
    ]);
  });

  test("holds every digit of an exact report, and no columns of noise", () => {
    const report = sumsReport();
    const [head, ...lines] = readCsv(releasedCsv(report));
    expect(head!.join()).not.toContain("standard error");
    const at = (name: string) => head!.indexOf(name);
    for (const cell of report.partitions[0]!.cells) {
      const line = lines.find((each) => each[1] === cell.labels[0] && each[2] === cell.labels[1])!;
      expect(parseDecimal(line[at("amount")]!, 2)).toBe(cell.sums[0]!.value);
      expect(parseDecimal(line[at("amount squares")]!, 4)).toBe(cell.squares![0]!.value);
      expect(line[at("orders")]).toBe(cell.sums[1]?.value.toString() ?? "under threshold");
    }
  });

  test("guards formulas, shows a terminal nothing to obey, and gives labels back", () => {
    const [report] = hostileReports();
    const text = releasedCsv(report!);
    expect(text.replaceAll("\r\n", "")).not.toMatch(/\p{C}/u);
    const lines = readCsv(text).slice(1);
    const labels = lines.map((fields) => fields.slice(1, 3).map(labelOf));
    for (const cell of report!.partitions[0]!.cells) expect(labels).toContainEqual(cell.labels);
    expect(
      lines.flatMap((fields) => fields.slice(1, 3)).filter((field) => /^[=+\-@]/.test(field.trim())),
    ).toEqual([]);
  });
});
