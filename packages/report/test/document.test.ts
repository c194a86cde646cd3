import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  documentSchema,
  parseReport,
  parseResultless,
  reportDocument,
  resultlessDocument,
  type ReleasedCell,
  type ReleasedPartition,
  type ReleasedReport,
} from "../src/index.ts";
import { asSender, overlapReport, SAMPLE_REPORTS, sumsReport } from "./reports.ts";
import { hostileReport as exactHostileReport } from "./plain-reports.ts";

const ORIGIN = { partner: "Acme", session: "a1".repeat(32), made: new Date("2026-03-01T10:00:00.125Z") };
const OWN = {
  where: "country = 'DE'",
  rows: 20,
  people: 12,
  optedOut: 1,
  merged: 2,
  filtered: 2,
  dropped: [{ reason: "email: empty", rows: 3 }],
  clipped: [{ measure: "amount", people: 2 }],
  period: { from: new Date("2026-02-01T00:00:00Z"), to: new Date("2026-02-28T00:00:00Z") },
};

const SCHEMA_FILE = new URL("../../../docs/report-schema.json", import.meta.url);

const SAMPLES = Object.entries(SAMPLE_REPORTS).flatMap(([kind, sample]) => [
  { kind, report: sample() },
  { kind: `${kind}, the sender's copy`, report: asSender(sample()) },
]);

/** A report with numbers around 2^62, and with labels and names that try to break the text. */
function hostileReport(): ReleasedReport {
  const { measures, partitions } = exactHostileReport();
  const [{ groupBy, cells }] = partitions as [ReleasedPartition];
  const noisy = (sums: ReleasedCell["sums"], sign: bigint, variance: number) =>
    sums.map((sum, s) => (s === 1 ? undefined : { value: sign * sum!.value, variance }));
  return {
    ...sumsReport(),
    rules: "pair",
    measures: measures.map((measure) => ({ ...measure, squares: true })),
    partitions: [
      {
        groupBy,
        senderGroupBy: [],
        hiddenCells: 2,
        cellsTotal: 9,
        cells: cells.map(({ labels, people, sums }, i) =>
          i === 4
            ? { labels, people: undefined, sums: sums.map(() => undefined), overPair: true }
            : {
                labels,
                people: { value: people!.value, variance: 0.1 + 0.2 },
                sums: noisy(sums, 1n, 1e-300),
                squares: noisy(sums, -1n, 2e40),
              },
        ),
      },
    ],
  };
}

describe("the JSON document", () => {
  test.each(SAMPLES)("of $kind comes back exactly", ({ report }) => {
    const kept = { ...report, origin: ORIGIN, own: OWN };
    for (const each of [report, kept]) {
      expect(parseReport(reportDocument(each, { nonce: "ab", seconds: 1.5 }))).toEqual({
        report: each,
        details: { nonce: "ab", seconds: 1.5 },
      });
    }
  });

  test("keeps hostile labels and numbers of 2^62 to the last digit", () => {
    const text = reportDocument(hostileReport());
    expect(parseReport(text).report).toEqual(hostileReport());
    expect(text).toContain('"value": 46116860184273879.03, ');
    expect(text).not.toMatch(/[^\n\P{C}]/u);
  });

  test("says null for what is under the threshold, and shows a number below zero as it is", () => {
    const report = overlapReport();
    const [, regions] = report.partitions;
    const cells = [{ ...regions!.cells[0]!, sums: [{ value: -250n, variance: 1e4 }, undefined] }];
    const measures = ["a", "b"].map((name) => ({
      name,
      decimals: 2,
      squares: false,
      low: 0n,
      high: 50_000n,
    }));
    const text = reportDocument({ ...report, measures, partitions: [{ ...regions!, cells }] });
    const { sums } = JSON.parse(text).partitions[0].cells[0];
    // Two Laplace draws of standard deviation 1.00 together: the bounds are 2.056 deviations away.
    expect(sums).toEqual([{ value: -2.5, variance: 1e4, standardError: 1, low: -4.56, high: -0.44 }, null]);
  });

  test("of a side without numbers holds where it is from and what became of its own rows", () => {
    const text = resultlessDocument({ origin: ORIGIN, own: OWN }, { seconds: 1 });
    expect(JSON.parse(text)).toMatchObject({
      version: 3,
      result: "the partner alone",
      details: { seconds: 1 },
    });
    expect(parseResultless(text)).toEqual({ origin: ORIGIN, own: OWN });
  });

  test("says of each derived number how it is known, and null where nothing bounds it", () => {
    const [{ totals: _, ...partition }] = sumsReport().partitions as [ReleasedPartition];
    const hiding = { ...sumsReport(), partitions: [partition] };
    const { derived } = JSON.parse(reportDocument(asSender(hiding)));
    expect(derived.people).toMatchObject({
      known: "at-least",
      value: 8890,
      low: 8890,
      high: null,
      missing: { cells: null, most: null },
    });
    expect(derived.ownRate).toEqual({ percent: 29, known: "at-least", low: 29, high: null });
  });

  test("holds what follows from the numbers", () => {
    const { derived, partitions } = JSON.parse(reportDocument(overlapReport()));
    expect(derived.ownRate.percent).toBe(Math.round((100 * derived.people.value) / 48_200));
    expect(partitions[1].derived.cells[0].matchRate.percent).toBe(33);
    const [profile] = partitions[1].derived.profiles;
    expect(profile.cohorts).toHaveLength(5);
    expect(profile.cohorts.at(-1)).toMatchObject({
      base: { value: 300, known: "exact" },
      index: null,
    });
  });

  test.each([
    ["", SyntaxError],
    ["{}", RangeError],
    [reportDocument(sumsReport()).replace('"version": 3', '"version": 4'), RangeError],
    [reportDocument(sumsReport()).replace(/("sums": \[\{ "value": \d+\.\d\d)/, "$11"), RangeError],
    [reportDocument(sumsReport()).replace('"labels": ["App Launch",', '"labels": ['), RangeError],
    [reportDocument(sumsReport()).replace(/"sums": \[[^\]]*\]/, '"sums": []'), RangeError],
  ])("%# is no report", (text, error) => {
    expect(() => parseReport(text)).toThrow(error);
  });

  test("follows docs/report-schema.json, which is the schema of the code", async () => {
    const published = JSON.parse(await readFile(SCHEMA_FILE, "utf8"));
    expect(published, "npm run schema --workspace @halfroom/report writes it").toEqual(
      JSON.parse(JSON.stringify(z.toJSONSchema(documentSchema))),
    );
  });
});
