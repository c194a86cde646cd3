// Leaves that become rows of numbers in a table, in plain TypeScript.
import type { FixedKeyAes } from "../aes.ts";
import { BLOCK_WORDS } from "../block.ts";
import { addAt, subtractAt, type RingArray } from "../ring.ts";

/** The sum of leaves, stretched to numbers: a row. Takes all of them off their rows of the table. */
export function takeLeavesOff(stretch: FixedKeyAes, leaves: Uint32Array, table: RingArray): RingArray {
  const { numbers, row } = numbersOf(stretch, leaves, table);
  const sums = new Uint32Array(row);
  for (let at = 0; at < numbers.length; at += 2) {
    addAt(sums, at % row, numbers, at);
    subtractAt(table, at, numbers, at);
  }
  return sums;
}

/** Adds leaves, stretched to numbers, to their rows of the table, and takes the sum of all but that in the hole off the hole's row. */
export function addPuncturedLeaves(
  stretch: FixedKeyAes,
  leaves: Uint32Array,
  hole: number,
  table: RingArray,
): void {
  const { numbers, row } = numbersOf(stretch, leaves, table);
  const ofHole = hole * row;
  for (let at = 0; at < numbers.length; at += 2) {
    if (at >= ofHole && at < ofHole + row) continue;
    addAt(table, at, numbers, at);
    subtractAt(table, ofHole + (at % row), numbers, at);
  }
}

function numbersOf(stretch: FixedKeyAes, leaves: Uint32Array, table: RingArray) {
  const cells = leaves.length / BLOCK_WORDS;
  const columns = table.length / 2 / cells;
  return { numbers: stretch.columnWords(leaves, columns), row: columns * 2 };
}
