// The inner loop of SoftSpokenOT (Roy, eprint 2022/192, section 5): from 2^k streams r_x of one tree to
// u = sum of r_x and v_b = sum of those r_x whose x has bit b. Halving folds do it in 2 * 2^k xors of a stream.
import { xorInto } from "@halfroom/crypto";

/**
 * `streams`: 2^k streams of `words` words, overwritten. Writes v_b, for bit b = 0 .. k - 1, to row b of `rows`;
 * returns u, a view into `streams`.
 */
export function foldStreams(streams: Uint32Array, k: number, words: number, rows: Uint32Array): Uint32Array {
  const stream = (x: number) => streams.subarray(x * words, (x + 1) * words);
  rows.fill(0);
  for (let bit = k - 1; bit >= 0; bit--) {
    const row = rows.subarray(bit * words, (bit + 1) * words);
    const half = 1 << bit;
    for (let x = half; x < 2 * half; x++) {
      xorInto(row, stream(x));
      xorInto(stream(x - half), stream(x));
    }
  }
  return stream(0);
}
