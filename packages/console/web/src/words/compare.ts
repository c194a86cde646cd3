// Two reports cell by cell, from their JSON documents (docs/report.md).
import { z } from "zod";
import type { Difference } from "./difference.ts";
import { epsilon, inQuotes, number } from "./text.ts";

const releasedSchema = z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable();
const documentSchema = z.object({
  kind: z.string(),
  role: z.enum(["sender", "receiver"]).optional(),
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
        base: z
          .array(z.object({ labels: z.array(z.string()), people: z.number() }))
          .nullable()
          .default(null),
      }),
    )
    .default([]),
});
type Released = z.infer<typeof releasedSchema>;
export type ReportDocument = z.infer<typeof documentSchema>;
type Partition = ReportDocument["partitions"][number];

/** null: closed, over people whom this side has; `nobody`: this side has nobody there; undefined: one of the two, and not known which. */
export type ComparedValue = Released | "nobody" | undefined;

export interface ComparedNumber {
  readonly before: ComparedValue;
  readonly after: ComparedValue;
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

/** Lists of columns that both have; numbers that both have, by name; cells that opened in one of them, and those that this side knows of. */
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
    const [earlier, later] = [cellsOf(other, before.role), cellsOf(partition, after.role)];
    const rows = [...new Set([...later.keys(), ...earlier.keys()])].map((key): ComparedRow => {
      const [was, is] = [earlier.of(key), later.of(key)];
      const numberAt = (cell: Cell | "nobody" | undefined, place: number): ComparedValue =>
        typeof cell === "object" ? (place < 0 ? cell.people : (cell.sums[place] ?? null)) : cell;
      const sums = places.map((place) =>
        comparedNumber(numberAt(was, place.before), numberAt(is, place.after)),
      );
      return {
        labels: JSON.parse(key),
        numbers: [comparedNumber(numberAt(was, -1), numberAt(is, -1)), ...sums],
      };
    });
    return [
      { columns: [...partition.groupBy, ...partition.senderGroupBy], numbers: ["people", ...shared], rows },
    ];
  });
}

const columnsOf = ({ groupBy, senderGroupBy }: Partition): string => JSON.stringify([groupBy, senderGroupBy]);

type Cell = Pick<Partition["cells"][number], "people" | "sums">;
const CLOSED: Cell = { people: null, sums: [] };

/** The cells of a table, by their labels as JSON: those that opened, and those without a number where this side has people. */
function cellsOf({ groupBy, senderGroupBy, cells, base }: Partition, role: ReportDocument["role"]) {
  const opened = new Map<string, Cell>(cells.map((cell) => [JSON.stringify(cell.labels), cell]));
  // Its own labels alone are those of a cell where the other side has none.
  const knows = base !== null && (role === "receiver" ? senderGroupBy : groupBy).length === 0;
  const closed = (knows ? base : [])
    .filter(({ people }) => people > 0)
    .map(({ labels }) => JSON.stringify(labels));
  const all = new Map([...closed.map((key) => [key, CLOSED] as const), ...opened]);
  return {
    keys: () => all.keys(),
    of: (key: string): Cell | "nobody" | undefined => all.get(key) ?? (knows ? "nobody" : undefined),
  };
}

function comparedNumber(before: ComparedValue, after: ComparedValue): ComparedNumber {
  const isClear = isNumber(before) && isNumber(after) && (after.low > before.high || after.high < before.low);
  return { before, after, isClear };
}

export function isNumber(value: ComparedValue): value is NonNullable<Released> {
  return typeof value === "object" && value !== null;
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
