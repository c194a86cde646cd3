import { describe, expect, test } from "vitest";
import {
  deriveReport,
  parseDecimal,
  releasedCsv,
  releasedCsvLong,
  type ReleasedPartition,
  type ReleasedReport,
} from "../src/index.ts";
import { hostileReports } from "./hostile.ts";
import { readCsv } from "./read-csv.ts";
import { asSender, indexReport, overlapReport, reachReport, SAMPLE_REPORTS, sumsReport } from "./reports.ts";

const ORIGIN = { partner: "acme", session: "a1".repeat(32), made: new Date("2026-03-01T10:00:00Z") };
const OWN = {
  rows: 100,
  people: 90,
  optedOut: 0,
  merged: 1,
  filtered: 0,
  dropped: [
    { reason: "email: empty", rows: 4 },
    { reason: "email: not an address", rows: 5 },
  ],
  clipped: [{ measure: "amount", people: 7 }],
};

/** Each line as a record by its heads. */
function records(csv: string): Record<string, string>[] {
  const [heads, ...lines] = readCsv(csv) as [string[], ...string[][]];
  expect(new Set(heads).size).toBe(heads.length);
  return lines.map((line) => Object.fromEntries(heads.map((head, i) => [head, line[i]!])));
}

/** What a reader of a field makes of it. */
const labelOf = (field: string) =>
  field
    .replace(/^'/, "")
    .replaceAll(/\\u\{([0-9a-f]+)\}/g, (_, hex) => String.fromCodePoint(Number.parseInt(hex, 16)));

const SAMPLES = Object.entries(SAMPLE_REPORTS).flatMap(([kind, sample]) => [
  { kind, report: sample() as ReleasedReport },
  { kind: `${kind}, the sender's copy`, report: asSender(sample()) },
]);

/** Columns of texts; all others hold a number or nothing. */
const TEXTS =
  /^(session|made|row|status|.* status|base of|dropped because|own people clipped|column|number|detail|known)$/;

describe.each([
  { form: "a line for each cell", write: releasedCsv },
  { form: "a line for each number", write: releasedCsvLong },
])("CSV with $form", ({ write }) => {
  test.each(SAMPLES)("has numbers or nothing in columns of numbers: $kind", ({ report }) => {
    const dimensions = new Set(
      report.partitions.flatMap(({ groupBy, senderGroupBy }) => [...groupBy, ...senderGroupBy]),
    );
    const lines = records(write({ ...report, origin: ORIGIN, own: OWN }));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line).toMatchObject({ session: ORIGIN.session, made: "2026-03-01T10:00:00.000Z" });
      for (const [head, field] of Object.entries(line)) {
        if (TEXTS.test(head) || dimensions.has(head)) continue;
        // Whole numbers and opened decimals have all their digits, derived ones nine.
        expect(field, head).toMatch(/^(-?\d+(\.\d{1,12})?)?$/);
      }
    }
  });

  test("guards formulas, shows a terminal nothing to obey, and gives labels back", () => {
    const [report] = hostileReports();
    const text = write(report!);
    expect(text.replaceAll("\r\n", "")).not.toMatch(/\p{C}/u);
    const { groupBy } = report!.partitions[0]!;
    const found = new Set(
      records(text).map((line) => JSON.stringify(groupBy.map((name) => labelOf(line[name] ?? "")))),
    );
    for (const { labels } of report!.partitions[0]!.cells) expect(found).toContain(JSON.stringify(labels));
    for (const line of readCsv(text))
      for (const field of line) expect(field.trim()).not.toMatch(/^[=+@]|^-(?!\d+(\.\d+)?$)/);
  });
});

describe("a line for each cell", () => {
  test("of each partition, the closed ones of this side too, with their status", () => {
    const lines = records(releasedCsv({ ...overlapReport(), own: OWN }));
    expect(lines.map(({ partition, row }) => `${partition} ${row}`)).toEqual([
      "1 cell",
      ...Array<string>(5).fill("2 cell"),
    ]);
    const own = {
      "own rows": "100",
      "own people": "90",
      "own rows dropped": "9",
      "dropped because": "email: empty: 4; email: not an address: 5",
      "own people clipped": "amount: 7",
    };
    expect(lines.find(({ region }) => region === "Islands")).toEqual({
      session: "",
      made: "",
      partition: "2",
      row: "cell",
      region: "Islands",
      status: "closed",
      base: "300",
      "base of": "cohort",
      people: "",
      "people standard error": "",
      "people low": "",
      "people high": "",
      "match rate": "",
      ...own,
    });
    // Standard deviation 4: the bounds are 2.056 of it away, rounded outward.
    expect(lines.find(({ region }) => region === "North")).toMatchObject({
      status: "opened",
      base: "12000",
      people: "3307",
      "people standard error": "4",
      "people low": "3298",
      "people high": "3316",
      "match rate": "28",
    });
  });

  test("holds every digit of an exact report, no columns of noise, and closed sums as such", () => {
    const report = sumsReport();
    const lines = records(releasedCsv(report));
    expect(Object.keys(lines[0]!).join()).not.toContain("standard error");
    for (const cell of report.partitions[0]!.cells) {
      const line = lines.find(
        ({ campaign, tier }) => campaign === cell.labels[0] && tier === cell.labels[1],
      )!;
      expect(parseDecimal(line["amount"]!, 2)).toBe(cell.sums[0]!.value);
      expect(parseDecimal(line["amount squares"]!, 4)).toBe(cell.squares![0]!.value);
      const [orders, status] = [cell.sums[1]?.value.toString() ?? "", cell.sums[1] ? "opened" : "closed"];
      expect(line).toMatchObject({ orders, "orders status": status, "base of": "cohort" });
    }
    const totals = lines.filter(({ row }) => row === "total");
    expect(totals.map(({ campaign, tier, "base of": of }) => [campaign, tier, of])).toEqual([
      ["", "gold", "everybody"],
      ["", "standard", "everybody"],
    ]);
  });

  test("a dimension with the name of a column says that it is one", () => {
    const [everybody, regions] = overlapReport().partitions as [ReleasedPartition, ReleasedPartition];
    const report = { ...overlapReport(), partitions: [everybody, { ...regions, groupBy: ["status"] }] };
    const [, line] = records(releasedCsv(report));
    expect(line).toMatchObject({ "status (dimension)": "East", status: "opened" });
  });
});

describe("a line for each number", () => {
  const find = (lines: Record<string, string>[], wanted: Record<string, string>) =>
    lines.filter((line) => Object.entries(wanted).every(([head, field]) => line[head] === field));

  test("has what was opened, what follows from it, and how each is known", () => {
    const report = { ...reachReport(), own: OWN };
    const lines = records(releasedCsvLong(report));
    const curve = deriveReport(report).partitions[1]!.reach!.find(
      ({ labels }) => labels[0] === "App Launch",
    )!;
    const [line] = find(lines, {
      row: "contacts",
      campaign: "App Launch",
      frequency: "2",
      number: "with at least as many",
    });
    expect(line).toMatchObject({ partition: "2", column: "people", status: "opened", known: "interval" });
    expect(Number(line!["value"])).toBe(curve.buckets[1]!.atLeast!.value);
    expect(
      find(lines, { row: "cell", campaign: "Newsletter", frequency: "11+", number: "people" }),
    ).toMatchObject([{ status: "closed", known: "", value: "", low: "", high: "" }]);
    expect(
      find(lines, { row: "own", number: "rows dropped" }).map(({ detail, value }) => [detail, value]),
    ).toEqual([
      ["email: empty", "4"],
      ["email: not an address", "5"],
    ]);
    expect(find(lines, { row: "own", number: "people clipped" })).toMatchObject([
      { column: "amount", value: "7" },
    ]);
  });

  test("has the index of each cohort beside its people", () => {
    const lines = records(releasedCsvLong(indexReport()));
    const [index] = find(lines, { age: "35-44", channel: "", number: "index" });
    expect(Number(index!["value"])).toBeCloseTo(165.6, 0);
    expect(index!["known"]).toBe("interval");
  });

  test("leaves an upper bound empty where nothing bounds what is closed", () => {
    const [{ totals: _, ...partition }] = sumsReport().partitions as [ReleasedPartition];
    const report = asSender({ ...sumsReport(), partitions: [partition] });
    const [people] = find(records(releasedCsvLong(report)), { number: "people in common" });
    expect(people).toMatchObject({ row: "report", known: "at-least", value: "8890", low: "8890", high: "" });
  });
});
