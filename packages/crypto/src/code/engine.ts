// Who moves the blocks of the code of silent transfers: the native add-on, WebAssembly or plain TypeScript, held against each
// other and against a plain matrix product by tests.

/**
 * Shifts of the short code, a double circulant self-dual code [64, 32, 12]: parity bit i of message bit a is 1 where i - a mod 32 is
 * one of these. Read as the bits of a number they are the least one of weight 11 that makes such a code.
 */
export const SHIFTS = [0, 2, 3, 5, 6, 7, 12, 13, 15, 17, 19] as const;

/** The n blocks that are compressed, and room for as many. */
export interface CodeMemory {
  /**
   * Adds up blocks, as many as there are draws, from number `from` on, to the sum of all before; puts each sum behind the last of its bucket, the
   * draw's low bits. `cursors`: where the next one goes in each of 2^b buckets.
   */
  scatter(from: number, draws: Uint16Array, cursors: Uint32Array): void;
  /**
   * Fisher's and Yates' shuffle of the blocks that were put from place `start` on, one more than there are draws of 64 bits (two
   * words, the low one first): for i from the last down to 1 block i changes places with block floor(draw (i + 1) / 2^64).
   */
  shuffle(start: number, draws: Uint32Array): void;
  /** What was put becomes what is read; the sum begins anew. */
  turn(): void;
  /** Block i of each 64 plus those of the upper half that the short code adds to it, i < 32: half as many blocks. */
  fold(): Uint32Array<ArrayBuffer>;
}

/** Takes up the blocks, 4 words each, and room for as many. */
export type CodeEngine = (vector: Uint32Array, room: Uint32Array) => CodeMemory;
