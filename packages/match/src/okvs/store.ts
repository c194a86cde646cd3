// The oblivious key-value store of eprint 2022/320 (design section 2.3, step 3): a row's slots add up to its value, and
// where the keys are pseudorandom the store says nothing about which keys it holds.
import { randomWords, type Rng } from "@halfroom/crypto";
import { ProtocolError } from "@halfroom/wire";
import { denseSums, xorDense } from "./dense.ts";
import { solveGap } from "./gap.ts";
import { peel } from "./peel.ts";
import type { StoreRows } from "./rows.ts";
import type { StoreSize } from "./size.ts";

/**
 * Builds a store under whose rows the values decode: slots x width words, sparse slots first. Every slot that the rows
 * leave open is random.
 *
 * @param values rows x width words
 * @throws ProtocolError "okvs" if peeling sets more rows aside than there are dense slots, or their equations contradict
 * each other, as those of two equal rows with different values do
 */
export function encode(
  rows: StoreRows,
  values: Uint32Array,
  width: number,
  size: StoreSize,
  rng: Rng,
): Uint32Array<ArrayBuffer> {
  const { columns, dense } = rows;
  if (values.length * 3 !== columns.length * width) throw new RangeError("each row has one value");
  const peeling = peel(columns, size.sparse);
  if (peeling.gapRows.length > size.dense) throw new ProtocolError("okvs");
  const store = randomWords(rng, size.slots * width);
  solveGap(rows, values, width, size, peeling, store);
  const sums = denseSums(store, width, size);
  // Against the order of peeling: the two other columns of a row are settled before its pivot.
  for (let i = peeling.order.length - 1; i >= 0; i--) {
    const row = peeling.order[i]!;
    const pivot = peeling.pivots[i]! * width;
    store.fill(0, pivot, pivot + width);
    xorSparse(store, columns, row, store, pivot, width);
    for (let w = 0; w < width; w++) store[pivot + w]! ^= values[row * width + w]!;
    xorDense(sums, dense[row * 2]!, dense[row * 2 + 1]!, store, pivot, width);
  }
  return store;
}

/** The value under each row: rows x width words. Rows that were not stored decode to randomness. */
export function decode(
  rows: StoreRows,
  store: Uint32Array,
  width: number,
  size: StoreSize,
): Uint32Array<ArrayBuffer> {
  if (store.length !== size.slots * width) throw new RangeError("the store has another size");
  const { columns, dense } = rows;
  const count = columns.length / 3;
  const values = new Uint32Array(count * width);
  const sums = denseSums(store, width, size);
  for (let row = 0; row < count; row++) {
    const at = row * width;
    xorSparse(store, columns, row, values, at, width);
    xorDense(sums, dense[row * 2]!, dense[row * 2 + 1]!, values, at, width);
  }
  return values;
}

/** Adds the three sparse slots of a row to `out[at .. at + width)`. */
function xorSparse(
  store: Uint32Array,
  columns: Uint32Array,
  row: number,
  out: Uint32Array,
  at: number,
  width: number,
): void {
  const first = columns[row * 3]! * width;
  const second = columns[row * 3 + 1]! * width;
  const third = columns[row * 3 + 2]! * width;
  for (let w = 0; w < width; w++) out[at + w]! ^= store[first + w]! ^ store[second + w]! ^ store[third + w]!;
}
