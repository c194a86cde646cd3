// Reads a released report back out of its JSON document, digit for digit.
import { parseDecimal } from "../decimal.ts";
import { exactNumbers } from "../exact-numbers.ts";
import type {
  OwnData,
  Released,
  ReleasedCell,
  ReleasedMeasure,
  ReleasedPartition,
  ReleasedReport,
  ReportOrigin,
} from "../released.ts";
import { DOCUMENT_VERSION, originSchema, ownSchema, readingSchema, type ReadDocument } from "./schema.ts";
import { z } from "zod";

export interface ParsedReport {
  readonly report: ReleasedReport;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * The inverse of `reportDocument`. Derived members are left out, since they follow from the rest. Throws SyntaxError if the
 * text is not JSON, and RangeError if it is not such a document.
 */
export function parseReport(text: string): ParsedReport {
  const parsed = readingSchema.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.join(".");
    throw new RangeError(`the report does not follow the schema of version ${DOCUMENT_VERSION}, at ${place}`);
  }
  const document = parsed.data;
  const { kind, role, threshold, rules, noise, measures, frequency, lift, ownPeople, partnerPeople } =
    document;
  const { agreed, origin, own } = document;
  const exact = exactNumbers(text) as ExactDocument;
  const columns = measures.map(({ name, decimals, squares }, m): ReleasedMeasure => {
    const bound = (side: "low" | "high") => scaledOf(exact.measures[m]![side], decimals);
    return { name, decimals, squares, low: bound("low"), high: bound("high") };
  });
  const report: ReleasedReport = {
    kind,
    role,
    threshold,
    ...(rules === undefined ? {} : { rules }),
    ...(noise === null ? {} : { noise: noiseOf(noise) }),
    measures: columns,
    ...(frequency === undefined ? {} : { frequency }),
    ...(lift === undefined ? {} : { lift }),
    agreed: {
      datasets: agreed.datasets,
      match: agreed.match,
      entries: agreed.entries,
      ...(agreed.events === undefined ? {} : { events: agreed.events }),
      ...(agreed.newPeople === undefined ? {} : { newPeople: agreed.newPeople }),
    },
    ...(origin === null ? {} : { origin: readOrigin(origin) }),
    ...(own === null ? {} : { own: readOwn(own) }),
    ownPeople,
    partnerPeople,
    partitions: document.partitions.map((partition, p) =>
      readPartition(partition, exact.partitions[p]!, columns),
    ),
  };
  return { report, details: document.details };
}

/** The document with each number as its text in the file. */
interface ExactDocument {
  readonly measures: readonly { readonly low: string; readonly high: string }[];
  readonly partitions: readonly ExactPartition[];
}
interface ExactPartition {
  readonly cells: readonly ExactCell[];
  readonly totals: readonly ExactCell[] | null;
}
type ExactNumber = { readonly value: string; readonly variance: string } | null;
interface ExactCell {
  readonly people: ExactNumber;
  readonly sums: readonly ExactNumber[];
  readonly squares?: readonly ExactNumber[];
  readonly base?: ExactNumber;
}
type Partition = ReadDocument["partitions"][number];
type Measures = readonly ReleasedMeasure[];

function noiseOf({ mechanism, microEpsilon, delta }: NonNullable<ReadDocument["noise"]>) {
  return { mechanism, microEpsilon, ...(delta === undefined ? {} : { delta }) };
}

function readPartition(
  { groupBy, senderGroupBy, cells, totals, hiddenCells, cellsTotal, base }: Partition,
  exact: ExactPartition,
  measures: Measures,
): ReleasedPartition {
  const dimensions = groupBy.length + senderGroupBy.length;
  return {
    groupBy,
    senderGroupBy,
    cells: cells.map((cell, c) => readCell(cell, exact.cells[c]!, measures, dimensions)),
    ...(totals === null
      ? {}
      : {
          totals: totals.map((cell, c) => readCell(cell, exact.totals![c]!, measures, senderGroupBy.length)),
        }),
    ...(hiddenCells === null ? {} : { hiddenCells }),
    ...(cellsTotal === null ? {} : { cellsTotal }),
    ...(base === null ? {} : { base }),
  };
}

function readCell(
  { labels, overPair }: Partition["cells"][number],
  exact: ExactCell,
  measures: Measures,
  dimensions: number,
): ReleasedCell {
  const { people, sums, squares } = exact;
  const base = exact.base === undefined ? undefined : readNumber(exact.base, 0);
  const columns = [sums, squares ?? sums];
  if (labels.length !== dimensions || columns.some(({ length }) => length !== measures.length)) {
    throw new RangeError("a cell in the report lacks a column");
  }
  return {
    labels,
    people: readNumber(people, 0),
    sums: sums.map((sum, i) => readNumber(sum, measures[i]!.decimals)),
    ...(squares === undefined
      ? {}
      : { squares: squares.map((square, i) => readNumber(square, 2 * measures[i]!.decimals)) }),
    ...(base === undefined ? {} : { base }),
    ...(overPair === undefined ? {} : { overPair }),
  };
}

function readNumber(number: ExactNumber, decimals: number): Released | undefined {
  if (number === null) return undefined;
  return { value: scaledOf(number.value, decimals), variance: Number(number.variance) };
}

function scaledOf(text: string, decimals: number): bigint {
  const value = parseDecimal(text, decimals);
  if (value === undefined) throw new RangeError("a number in the report is not a decimal of its column");
  return value;
}

/** What a side without numbers keeps (`resultlessDocument`). Throws as `parseReport`. */
export function parseResultless(text: string): Required<Pick<ReleasedReport, "origin" | "own">> {
  const parsed = z.object({ origin: originSchema, own: ownSchema }).safeParse(JSON.parse(text));
  if (!parsed.success) throw new RangeError(`the document is not one of version ${DOCUMENT_VERSION}`);
  return { origin: readOrigin(parsed.data.origin), own: readOwn(parsed.data.own) };
}

function readOrigin({ session, partner, made, newSince }: z.infer<typeof originSchema>): ReportOrigin {
  return { session, partner, made: new Date(made), ...(newSince && { newSince }) };
}

function readOwn({ where, dropped, clipped, period, ...counts }: z.infer<typeof ownSchema>): OwnData {
  return {
    ...(where === undefined ? {} : { where }),
    ...counts,
    dropped: dropped.map(({ reason, rows, agreed }) => ({ reason, rows, ...(agreed && { agreed }) })),
    ...(clipped === undefined ? {} : { clipped }),
    ...(period === undefined ? {} : { period: { from: new Date(period.from), to: new Date(period.to) } }),
  };
}
