// What the published bits of a table say: which numbers are opened, which rows show, which bases are over 85 %. Public.
import { basesOfPair, rowOfBase, wholeBases, type PartitionLayout, type TableLayout } from "./layout.ts";
import { numbersOf } from "./shape.ts";
import type { TableShape, ReleaseRules } from "./table.ts";

/** 1 for each base of at least the threshold in matched people of which more than 85 % match: public. */
export interface PairFacts {
  /** The receiver's people of each row. */
  readonly rows: Uint8Array;
  /** The sender's people of each category, in each partition: partitions x categories. */
  readonly categories: Uint8Array;
  /** All people of the receiver, all people of the sender, in each partition: partitions x 2. */
  readonly totals: Uint8Array;
  /**
   * Rows x categories: 1 where the row is over or, with entriesMax above 1, the category's people in this one row are.
   */
  readonly cells: Uint8Array;
  /** Rows x categories: 1 where one of all these is over, and nothing of this pair was opened for that. */
  readonly pairs: Uint8Array;
}

/** 1 for each number that is opened, else 0. `bits`: a byte of 0 or 1 for each published bit. */
export function openedNumbers(
  layout: TableLayout,
  shape: TableShape,
  { mode }: ReleaseRules,
  bits: Uint8Array,
): Uint8Array {
  const opened = new Uint8Array(numbersOf(shape));
  let at = 0;
  for (const part of layout.partitions) {
    for (let pair = 0; pair < part.pairs; pair++) {
      const people = bits[part.bits.people + pair]!;
      for (const column of shape.columns) {
        if (column.kind === "contributors") opened[at++] = 0;
        else if (column.kind === "people" || mode === "noise") opened[at++] = people;
        else opened[at++] = bits[part.bits.measures + pair * layout.measures + column.measure]!;
      }
    }
  }
  return opened;
}

export function pairFacts(layout: TableLayout, bits: Uint8Array): PairFacts {
  const facts = (part: PartitionLayout) => bits.subarray(part.bits.facts, part.bits.facts + part.bases);
  const ofAll = (cut: (part: PartitionLayout) => Iterable<number>) =>
    Uint8Array.from(layout.partitions.flatMap((part) => [...cut(part)]));
  const ofPairs = (holds: (part: PartitionLayout, row: number, category: number) => boolean) =>
    ofAll(function* (part) {
      for (let pair = 0; pair < part.pairs; pair++)
        yield Number(holds(part, Math.floor(pair / part.categories), pair % part.categories));
    });
  const isOver = (part: PartitionLayout, base: number) => facts(part)[base] === 1;
  return {
    rows: ofAll((part) => facts(part).subarray(0, part.rows)),
    categories: ofAll((part) => facts(part).subarray(part.rows, part.rows + part.categories)),
    totals: ofAll((part) => wholeBases(part).map((base) => Number(isOver(part, base)))),
    cells: ofPairs((part, row, category) =>
      basesOfPair(part, row, category).some(
        (base) => rowOfBase(part, base) !== undefined && isOver(part, base),
      ),
    ),
    pairs: ofPairs((part, row, category) =>
      basesOfPair(part, row, category).some((base) => isOver(part, base)),
    ),
  };
}

/** Rows with an opened number, or over 85 % by themselves, ascending. */
export function shownRows(
  { categories, columns }: TableShape,
  opened: Uint8Array,
  pair: PairFacts | undefined,
): number[] {
  const width = categories * columns.length;
  const rows: number[] = [];
  for (let row = 0; row * width < opened.length; row++) {
    const over = pair?.cells.subarray(row * categories, (row + 1) * categories).includes(1) === true;
    if (over || opened.subarray(row * width, (row + 1) * width).includes(1)) rows.push(row);
  }
  return rows;
}
