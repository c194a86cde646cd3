// Sums of dense slots, eight bits of a row at a time, by table (the method of the four Russians).
import type { StoreSize } from "./size.ts";

/**
 * Sums of dense slots: ceil(dense / 8) x 256 x width words. Entry (k, byte) is the xor of the dense slots 8k + i over the
 * bits i of the byte.
 */
export function denseSums(store: Uint32Array, width: number, size: StoreSize): Uint32Array {
  const sums = new Uint32Array(Math.ceil(size.dense / 8) * 256 * width);
  for (let slot = 0; slot < size.dense; slot++) {
    const base = (slot >>> 3) * 256;
    const bit = 1 << (slot & 7);
    for (let byte = bit; byte < 2 * bit; byte++) {
      for (let w = 0; w < width; w++) {
        sums[(base + byte) * width + w] =
          sums[(base + byte - bit) * width + w]! ^ store[(size.sparse + slot) * width + w]!;
      }
    }
  }
  return sums;
}

/** Adds to `out[at .. at + width)` the dense slots that the bits of `low` and `high` select. */
export function xorDense(
  sums: Uint32Array,
  low: number,
  high: number,
  out: Uint32Array,
  at: number,
  width: number,
): void {
  const step = 256 * width;
  for (let base = 0, bits = low; base < sums.length; base += step, bits >>>= 8) {
    if (base === 4 * step) bits = high;
    const from = base + (bits & 255) * width;
    for (let w = 0; w < width; w++) out[at + w]! ^= sums[from + w]!;
  }
}
