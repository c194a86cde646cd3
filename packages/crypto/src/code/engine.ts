// Who moves the blocks of the code of silent transfers: the native add-on, WebAssembly or plain TypeScript, held against each
// other and against a plain matrix product by tests.

/**
 * Shifts of the short code, a double circulant self-dual code [64, 32, 12]: parity bit i of message bit a is 1 where i - a mod 32 is
 * one of these. Read as the bits of a number they are the least one of weight 11 that makes such a code.
 */
export const SHIFTS = [0, 2, 3, 5, 6, 7, 12, 13, 15, 17, 19] as const;

/** What is done with n blocks of 4 words, in this order. */
export interface CodeEngine {
  /**
   * Replaces each block by the sum of all up to it, puts them in the first order (place i has block orders[0][i]), sums up again, puts them
   * in the second; then block i < 32 of each 64 becomes itself plus those of the upper half that the short code adds to it, and is block
   * 32 b + i of `out`, n / 2 blocks. `vector` and `room`, n blocks each, are overwritten; `out` may be the beginning of `vector`.
   */
  compress(
    vector: Uint32Array,
    room: Uint32Array,
    orders: readonly [Uint32Array, Uint32Array],
    out: Uint32Array,
  ): void;
  /** Clears the lowest bit of each block, of a multiple of 32 blocks; `bits`, a word for each 32, gets them if it is given. */
  takeLowBits(blocks: Uint32Array, bits?: Uint32Array): void;
}
