// The sums of the group-by over stretched leaves: trees x cells x columns numbers mod 2^64, two words each.
import { addAt, subtractAt } from "@halfroom/crypto";

/** addend + sum of leaves, for each tree and column: trees x columns numbers. */
export function correctionsOf(
  addends: Uint32Array,
  leaves: Uint32Array,
  cells: number,
  columns: number,
): Uint32Array {
  const out = new Uint32Array(addends);
  const row = columns * 2;
  for (let at = 0, from = 0; at < out.length; at += row) {
    for (let cell = 0; cell < cells; cell++) {
      for (let c = 0; c < row; c += 2, from += 2) addAt(out, at + c, leaves, from);
    }
  }
  return out;
}

/** Takes every tree's leaves off the sender's table. */
export function subtractLeaves(table: Uint32Array, leaves: Uint32Array): void {
  for (let from = 0; from < leaves.length;) {
    for (let at = 0; at < table.length; at += 2, from += 2) subtractAt(table, at, leaves, from);
  }
}

/** Adds the known leaves to the receiver's table, and correction - sum of the others in the hole's place. */
export function addLeaves(
  table: Uint32Array,
  leaves: Uint32Array,
  corrections: Uint32Array,
  holes: Uint32Array,
  columns: number,
): void {
  const row = columns * 2;
  const rest = new Uint32Array(row);
  for (let tree = 0, from = 0; tree < holes.length; tree++) {
    const hole = holes[tree]! * row;
    rest.set(corrections.subarray(tree * row, (tree + 1) * row));
    for (let at = 0; at < table.length; at += row) {
      if (at === hole) {
        from += row;
        continue;
      }
      for (let c = 0; c < row; c += 2, from += 2) {
        addAt(table, at + c, leaves, from);
        subtractAt(rest, c, leaves, from);
      }
    }
    for (let c = 0; c < row; c += 2) addAt(table, hole + c, rest, c);
  }
}
