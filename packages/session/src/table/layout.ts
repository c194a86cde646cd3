// The public shape of a session's numbers: what travels with a person of the sender and what is added up in each cell.
// Both sides derive it from the agreement.
//
// A row of the table is a cell; in it stands a block of numbers for each category of the sender, in order:
//
//     people, then for each measure: sum, [sum of squares], [contributors: people with a non-zero value; exact reports]
import { inputColumns, type CreditTerms } from "@halfroom/aggregate";
import { PAYLOADS_MAX, ProtocolError } from "@halfroom/wire";
import { hasSpareCell } from "../terms/bounds.ts";
import type { Terms } from "../terms/terms.ts";

type NumberKind = "people" | "sum" | "squares" | "contributors";

/** One number of a block; `measure` is an index into the terms' measures, -1 for people. */
export interface BlockColumn {
  readonly kind: NumberKind;
  readonly measure: number;
}

/** One group-by of the session. A partition has one grouping for each entry that a person of the receiver may have. */
interface Grouping {
  readonly partition: number;
  /** Number of the entry, from 0. */
  readonly entry: number;
  /** A power of two. */
  readonly cells: number;
  /** Row of the partition's first cell in the table. */
  readonly firstCell: number;
}

export interface Layout {
  /** The numbers of one category in a cell. */
  readonly block: readonly BlockColumn[];
  readonly categories: number;
  /** Numbers of a cell: categories x block. */
  readonly columns: number;
  /** Numbers that travel with a person of the sender. */
  readonly payloads: number;
  /** Whether the membership bit itself is column 0; otherwise every column is a payload. */
  readonly countsMembers: boolean;
  readonly groupings: readonly Grouping[];
  /** Cells of each partition, a power of two each. */
  readonly partitionCells: readonly number[];
  /** Row of each partition's first cell. */
  readonly firstCells: readonly number[];
  /** Rows of the table: the cells of all partitions. */
  readonly cells: number;
  /**
   * Whether the first cell of each partition takes the entries that a person does not have, and people who are not new. Its numbers mean nothing and
   * it is never released.
   */
  readonly spareCells: boolean;
  /** How events are credited to entries; the payloads are then the credit's input and the block its output. */
  readonly credit: CreditTerms | undefined;
}

/** What both sides state of their columns. */
export interface Shape {
  /** The sender's categories, at least one. */
  readonly categories: number;
  /** Cells of each partition, a power of two each. */
  readonly cells: readonly number[];
}

/** What a layout follows from. */
export type LayoutTerms = Pick<
  Terms,
  "match" | "measures" | "release" | "entriesMax" | "events" | "newPeople"
>;

/** Errors: `refused`, if more numbers would travel with each person than the wire allows. */
export function layoutOf(terms: LayoutTerms, { categories, cells }: Shape): Layout {
  const block = blockOf(terms);
  const columns = block.length * categories;
  // With one key and one category, a person in common counts as the membership bit says.
  const countsMembers = terms.match.length === 1 && categories === 1;
  const credit = creditOf(terms);
  const travelling = credit === undefined ? columns : inputColumns(credit).count;
  const payloads = countsMembers ? travelling - 1 : travelling;
  if (payloads > PAYLOADS_MAX) {
    throw new ProtocolError(
      "refused",
      "too many numbers a person: take fewer measures or coarser categories",
    );
  }
  const firstCells: number[] = [];
  let rows = 0;
  for (const count of cells) {
    firstCells.push(rows);
    rows += count;
  }
  const groupings = cells.flatMap((count, partition) =>
    Array.from({ length: terms.entriesMax }, (_, entry) => {
      return { partition, entry, cells: count, firstCell: firstCells[partition]! };
    }),
  );
  const spareCells = hasSpareCell(terms);
  return {
    block,
    categories,
    columns,
    payloads,
    countsMembers,
    groupings,
    partitionCells: cells,
    firstCells,
    cells: rows,
    spareCells,
    credit,
  };
}

function creditOf({ events, entriesMax, measures, release }: LayoutTerms): CreditTerms | undefined {
  if (events === undefined) return undefined;
  return {
    events: events.perPerson,
    entries: entriesMax,
    windowSeconds: events.windowSeconds,
    measures: measures.length,
    contributors: release.mode === "exact",
    squares: measures.flatMap(({ squares }, measure) => (squares ? [measure] : [])),
  };
}

function blockOf({ measures, release }: Pick<Terms, "measures" | "release">): BlockColumn[] {
  const ofMeasures = measures.flatMap(({ squares }, measure) => {
    const kinds: NumberKind[] = ["sum"];
    if (squares) kinds.push("squares");
    if (release.mode === "exact") kinds.push("contributors");
    return kinds.map((kind): BlockColumn => ({ kind, measure }));
  });
  return [{ kind: "people", measure: -1 }, ...ofMeasures];
}
