// What the published bits of a table say: which numbers are opened, which rows show, which bases are over 85 %. Public.
import type { PairFacts, ReleaseRules, TableShape } from "../plan.types.ts";
import { basesOfPair, type PartitionLayout, type TableLayout } from "./layout.ts";
import { numbersOf } from "./shape.ts";

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

export function pairFacts(layout: TableLayout, { categories }: TableShape, bits: Uint8Array): PairFacts {
  const facts = (part: PartitionLayout) => bits.subarray(part.bits.facts, part.bits.facts + part.bases);
  const ofAll = (cut: (part: PartitionLayout) => Iterable<number>) =>
    Uint8Array.from(layout.partitions.flatMap((part) => [...cut(part)]));
  return {
    rows: ofAll((part) => facts(part).subarray(0, part.rows)),
    categories: ofAll((part) => facts(part).subarray(part.rows, part.bases - 2)),
    totals: ofAll((part) => facts(part).subarray(part.bases - 2)),
    pairs: ofAll((part) =>
      Uint8Array.from({ length: part.pairs }, (_, pair) => {
        const bases = basesOfPair(part, Math.floor(pair / categories), pair % categories);
        return Number(bases.some((base) => facts(part)[base] === 1));
      }),
    ),
  };
}

/** Rows with an opened number, or which as a base are over 85 %, ascending. */
export function shownRows(
  { categories, columns }: TableShape,
  opened: Uint8Array,
  pair: PairFacts | undefined,
): number[] {
  const width = categories * columns.length;
  const rows: number[] = [];
  for (let row = 0; row * width < opened.length; row++) {
    if (pair?.rows[row] === 1 || opened.subarray(row * width, (row + 1) * width).includes(1)) rows.push(row);
  }
  return rows;
}
