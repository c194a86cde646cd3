// A linear universal hash of rows of bits over GF(2^128): the inner product with random field elements, for the consistency
// checks of SoftSpokenOT (Roy, eprint 2022/192, section 4) and of KKRT's successors (OOS17, eprint 2016/933).
import { createCipheriv } from "node:crypto";
import { BLOCK_WORDS } from "./block.ts";
import { addProducts } from "./products.ts";

const SEED_BYTES = 32;
/** Coefficients at a time: 16 KiB of them, and of each row, stay in the cache. */
const BLOCKS_AT_ONCE = 1024;
const ZEROS = new Uint8Array(BLOCKS_AT_ONCE * BLOCK_WORDS * 4);

/**
 * h(row) = sum over b of chi_b * block_b(row) in GF(2)[x] / (x^128 + x^7 + x^2 + x + 1), where bit i of a block of 128 bits, in
 * the bit order of vectors, is the coefficient of x^i. chi_0, chi_1, ... are the blocks of AES-256 in counter mode (NIST SP
 * 800-38A) under the seed, counter from zero.
 *
 * h is linear: h(r xor s) = h(r) + h(s). Two different rows have the same hash for one choice of the chi in 2^128, whoever
 * chose the rows without knowing the seed.
 */
export class RowHash {
  readonly #coefficients: ReturnType<typeof createCipheriv>;

  /** `seed`: 32 bytes, uniform, not known before the rows are fixed. Errors: RangeError. */
  constructor(seed: Uint8Array) {
    if (seed.length !== SEED_BYTES) throw new RangeError(`a seed has ${SEED_BYTES} bytes`);
    this.#coefficients = createCipheriv("aes-256-ctr", seed, new Uint8Array(16));
  }

  /**
   * Takes the next `words` words (a multiple of 4) of each of `rows` rows, which lie one after the other in `matrix`, and adds
   * to `sums` (rows x 4 words) what they contribute. The first call starts at block 0, each call where the one before ended.
   */
  add(matrix: Uint32Array, rows: number, words: number, sums: Uint32Array): void {
    if (words % BLOCK_WORDS !== 0 || matrix.length < rows * words || sums.length !== rows * BLOCK_WORDS) {
      throw new RangeError("rows are hashed in blocks of 4 words");
    }
    const blocks = words / BLOCK_WORDS;
    for (let first = 0; first < blocks; first += BLOCKS_AT_ONCE) {
      const count = Math.min(BLOCKS_AT_ONCE, blocks - first);
      addProducts(this.#next(count), matrix, words, first, sums);
    }
  }

  /** chi of the next `blocks` blocks, which are then behind. */
  coefficients(blocks: number): Uint32Array<ArrayBuffer> {
    const all = new Uint32Array(blocks * BLOCK_WORDS);
    for (let first = 0; first < blocks; first += BLOCKS_AT_ONCE)
      all.set(this.#next(Math.min(BLOCKS_AT_ONCE, blocks - first)), first * BLOCK_WORDS);
    return all;
  }

  #next(blocks: number): Uint32Array {
    const words = new Uint32Array(blocks * BLOCK_WORDS);
    new Uint8Array(words.buffer).set(this.#coefficients.update(ZEROS.subarray(0, words.byteLength)));
    return words;
  }
}
