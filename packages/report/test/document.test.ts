import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  documentSchema,
  parseReport,
  reportDocument,
  type ReleasedCell,
  type ReleasedPartition,
  type ReleasedReport,
} from "../src/index.ts";
import { asSender, overlapReport, SAMPLE_REPORTS, sumsReport } from "./reports.ts";
import { hostileReport as exactHostileReport } from "./plain-reports.ts";

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
    expect(parseReport(reportDocument(report, { session: "ab", seconds: 1.5 }))).toEqual({
      report,
      details: { session: "ab", seconds: 1.5 },
    });
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
    const measures = ["a", "b"].map((name) => ({ name, decimals: 2, squares: false }));
    const text = reportDocument({ ...report, measures, partitions: [{ ...regions!, cells }] });
    const { sums } = JSON.parse(text).partitions[0].cells[0];
    // Two Laplace draws of standard deviation 1.00 together: the bounds are 2.056 deviations away.
    expect(sums).toEqual([{ value: -2.5, variance: 1e4, standardError: 1, low: -4.56, high: -0.44 }, null]);
  });

  test("holds what follows from the numbers", () => {
    const { derived, partitions } = JSON.parse(reportDocument(overlapReport()));
    expect(derived.ownRate.percent).toBe(Math.round((100 * derived.people.value) / 48_200));
    expect(partitions[1].derived.cells[0].matchRate.percent).toBe(33);
    const [profile] = partitions[1].derived.profiles;
    expect(profile.cohorts).toHaveLength(5);
    expect(profile.cohorts.at(-1)).toMatchObject({ base: 300, index: null });
  });

  test.each([
    ["", SyntaxError],
    ["{}", RangeError],
    [reportDocument(sumsReport()).replace('"version": 2', '"version": 3'), RangeError],
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
