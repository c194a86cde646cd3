// Work on whole arrays that the protocol spends its time in: bit matrices, blocks of 128 bits, numbers mod 2^64. Two
// implementations, WebAssembly SIMD and plain TypeScript, held against each other by tests. The order of work and the
// addresses touched depend on sizes alone.

/** A public permutation of blocks of 128 bits, from one array into another of equal length. */
export type Permute = (from: Uint32Array, to: Uint32Array) => void;

/** Messages of one length that differ in one region: message i has row i of the rows, `width` bytes each, at `offset`. */
export interface RowMessages {
  readonly algorithm: "sha256" | "sha512";
  readonly template: Uint8Array;
  readonly offset: number;
  readonly width: number;
}

export interface TweakedBlocks {
  readonly blocks: Uint32Array;
  /** Added to each block first: 4 words. */
  readonly delta?: Uint32Array | undefined;
  /** The tweak of the first block; the others follow one by one, below 2^53. */
  readonly firstTweak: number;
  /** The lowest bit of each hash is wanted alone, of a multiple of 32 blocks. */
  readonly bits: boolean;
}

export interface ArrayKernels {
  readonly name: "wasm-simd" | "typescript";

  /**
   * Transposes a bit matrix of `rows` x `columns` bits, both multiples of 32, row after row: bit r of row c of the result is
   * bit c of row r. Returns columns x rows bits. The columns may be a part of a wider matrix, `rowWords` words a row, from
   * word `firstWord` on.
   */
  transposeBits(
    matrix: Uint32Array,
    rows: number,
    columns: number,
    rowWords?: number,
    firstWord?: number,
  ): Uint32Array<ArrayBuffer>;

  /**
   * SoftSpokenOT's inner loop (Roy, eprint 2022/192, section 5). `fill(x, out)` writes stream x, 0 <= x < 2^k, of `words`
   * words. Writes v_b, the sum of the streams whose number has bit b, to row b of `rows` (k x words); returns the sum of all.
   */
  foldStreams(
    k: number,
    words: number,
    fill: (x: number, out: Uint32Array) => void,
    rows: Uint32Array,
  ): Uint32Array;

  /** pi(x) xor x of each block x of 4 words. */
  oneWay(permute: Permute, blocks: Uint32Array): Uint32Array<ArrayBuffer>;

  /** pi(pi(x) xor i) xor pi(x) of each block x of `blocks`, i being the tweak: see `TweakedBlocks`. */
  tweakedHash(permute: Permute, of: TweakedBlocks, out: Uint32Array): void;

  /** The digest of each message (FIPS 180-4), 32 or 64 bytes a row; `rows` is n x width bytes. */
  hashRows(messages: RowMessages, rows: Uint8Array): Uint8Array<ArrayBuffer>;

  /**
   * sums[r] += sum over b of coefficients[b] * block b of row r, in GF(2^128) = GF(2)[x] / (x^128 + x^7 + x^2 + x + 1): bit i
   * of a block is the coefficient of x^i. Row r of `matrix` begins at word r x `rowWords`; as many of its blocks are taken, from
   * block `firstBlock` on, as there are coefficients (4 words each). `sums`: 4 words a row. Addresses depend on the
   * coefficients, which are public.
   */
  addProducts(
    coefficients: Uint32Array,
    matrix: Uint32Array,
    rowWords: number,
    firstBlock: number,
    sums: Uint32Array,
  ): void;

  /**
   * One level of GGM trees: node i has the children left(x) xor x and right(x) xor x. `nodes`: trees x width blocks.
   * Returns the children, trees x 2 width blocks, and for each tree the sums of its left and of its right children.
   */
  growLevel(
    left: Permute,
    right: Permute,
    nodes: Uint32Array,
    trees: number,
  ): { children: Uint32Array<ArrayBuffer>; sums: Uint32Array };
}
