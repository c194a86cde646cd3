// Two reports cell by cell, from their JSON documents (docs/report.md).
import { z } from "zod";
import type { Difference } from "./difference.ts";
import { epsilon, inQuotes, number } from "./text.ts";

const releasedSchema = z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable();
const documentSchema = z.object({
  kind: z.string(),
  threshold: z.number(),
  noise: z.object({ mechanism: z.string(), microEpsilon: z.number() }).nullable().default(null),
  measures: z
    .array(z.object({ name: z.string(), decimals: z.number(), low: z.number(), high: z.number() }))
    .default([]),
  origin: z.object({ partner: z.string(), made: z.string(), session: z.string() }).optional(),
  partitions: z
    .array(
      z.object({
        groupBy: z.array(z.string()),
        senderGroupBy: z.array(z.string()),
        cells: z.array(
          z.object({
            labels: z.array(z.string()),
            people: releasedSchema,
            sums: z.array(releasedSchema).default([]),
          }),
        ),
      }),
    )
    .default([]),
});
type Released = z.infer<typeof releasedSchema>;
export type ReportDocument = z.infer<typeof documentSchema>;
type Partition = ReportDocument["partitions"][number];

export interface ComparedNumber {
  readonly before: Released | undefined;
  readonly after: Released | undefined;
  /** Whether it is more than the noise of both, by their intervals. */
  readonly isClear: boolean;
}

export interface ComparedRow {
  readonly labels: readonly string[];
  /** People, then each measure. */
  readonly numbers: readonly ComparedNumber[];
}

export interface ComparedTable {
  readonly columns: readonly string[];
  readonly numbers: readonly string[];
  readonly rows: readonly ComparedRow[];
}

export function readDocument(json: string): ReportDocument {
  return documentSchema.parse(JSON.parse(json));
}

/** Lists of columns that both have; numbers that both have, by name. */
export function compare(before: ReportDocument, after: ReportDocument): ComparedTable[] {
  const shared = after.measures
    .map(({ name }) => name)
    .filter((name) => before.measures.some((each) => each.name === name));
  return after.partitions.flatMap((partition) => {
    const other = before.partitions.find((each) => columnsOf(each) === columnsOf(partition));
    if (other === undefined) return [];
    const places = shared.map((name) => ({
      before: before.measures.findIndex((each) => each.name === name),
      after: after.measures.findIndex((each) => each.name === name),
    }));
    const cells = (each: Partition) => new Map(each.cells.map((cell) => [JSON.stringify(cell.labels), cell]));
    const [earlier, later] = [cells(other), cells(partition)];
    const rows = [...new Set([...later.keys(), ...earlier.keys()])].map((key): ComparedRow => {
      const [was, is] = [earlier.get(key), later.get(key)];
      const sums = places.map((place) => comparedNumber(was?.sums[place.before], is?.sums[place.after]));
      return { labels: (is ?? was)!.labels, numbers: [comparedNumber(was?.people, is?.people), ...sums] };
    });
    return [
      { columns: [...partition.groupBy, ...partition.senderGroupBy], numbers: ["people", ...shared], rows },
    ];
  });
}

const columnsOf = ({ groupBy, senderGroupBy }: Partition): string => JSON.stringify([groupBy, senderGroupBy]);

function comparedNumber(before: Released | undefined, after: Released | undefined): ComparedNumber {
  const both = before !== undefined && before !== null && after !== undefined && after !== null;
  return { before, after, isClear: both && (after.low > before.high || after.high < before.low) };
}

/** What the two were made under that is not the same: numbers under other terms differ for that reason too. */
export function termDifferences(before: ReportDocument, after: ReportDocument): Difference[] {
  const [was, is] = [termsOf(before), termsOf(after)];
  const terms = [...new Set([...was.keys(), ...is.keys()])].map((what) => ({
    what,
    before: was.get(what) ?? "not in it",
    now: is.get(what) ?? "not in it",
  }));
  return terms.filter((each) => each.before !== each.now);
}

function termsOf({ threshold, noise, measures }: ReportDocument): Map<string, string> {
  return new Map([
    ["threshold", `${number(threshold)} people`],
    ["noise", noise === null ? "exact" : `${noise.mechanism}, epsilon ${epsilon(noise.microEpsilon)}`],
    ...measures.map(
      ({ name, low, high }) =>
        [`one person's ${inQuotes(name)}`, `from ${number(low)} to ${number(high)}`] as const,
    ),
  ]);
}
