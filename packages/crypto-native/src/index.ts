// ristretto255 in C, as far as this machine could build it and its processor runs it. The raw functions: the caller
// checks counts and brings all memory; `@halfroom/crypto` wraps them as a kernel.
import { createRequire } from "node:module";

/** The paths of the add-on. They give the same results; `portable` runs everywhere. */
export type NativePath = "ifma" | "avx2" | "portable";

/** Operations of the field, by number, for tests: see native/lanes_test.h. */
export const FIELD_OPERATIONS = [
  "multiply",
  "square",
  "add",
  "subtract",
  "negate",
  "invert",
  "isZero",
  "isNegative",
  "lazyProduct",
  "lazySquare",
  "negatedProduct",
  "wideSum",
  "wideNegation",
] as const;
export type FieldOperation = (typeof FIELD_OPERATIONS)[number];

type AddProducts = (
  coefficients: Uint8Array,
  matrix: Uint8Array,
  rowBytes: number,
  firstByte: number,
  sums: Uint8Array,
) => void;

interface PathDescription {
  readonly name: NativePath;
  readonly lanes: number;
  readonly limbs: number;
  readonly scratchBytes: number;
  readonly sumBytes: number;
  readonly runsHere: boolean;
}

type Operation<Operands extends (Uint8Array | Uint32Array)[], Result> = (
  path: number,
  scratch: Uint8Array,
  ...operands: Operands
) => Result;

/** native/addon.c. `out` comes first among the operands; RangeError if lengths do not fit each other. */
interface Addon {
  /** Fastest first; a function takes an index of this list. */
  readonly paths: readonly PathDescription[];
  readonly firstInvalid: Operation<[points: Uint8Array], number>;
  readonly mapToGroup: Operation<[out: Uint8Array, uniform: Uint8Array], true>;
  readonly add: Operation<[out: Uint8Array, left: Uint8Array, right: Uint8Array], boolean>;
  readonly subtract: Operation<[out: Uint8Array, left: Uint8Array, right: Uint8Array], boolean>;
  readonly multiply: Operation<[out: Uint8Array, points: Uint8Array, scalars: Uint8Array], boolean>;
  readonly mapAndMultiply: Operation<[out: Uint8Array, uniform: Uint8Array, scalar: Uint8Array], boolean>;
  readonly multiplyBase: Operation<[out: Uint8Array, scalars: Uint8Array], boolean>;
  readonly mapAndAddMultiples: Operation<
    [out: Uint8Array, uniform: Uint8Array, base: Uint8Array, scalars: Uint8Array],
    boolean
  >;
  readonly subtractMultiples: Operation<
    [out: Uint8Array, points: Uint8Array, base: Uint8Array, scalars: Uint8Array],
    boolean
  >;
  readonly sumOfProducts: Operation<
    [memory: Uint8Array, out: Uint8Array, points: Uint8Array, scalars: Uint8Array],
    boolean
  >;
  readonly subtractProducts: Operation<
    [out: Uint8Array, minuends: Uint8Array, left: Uint8Array, right: Uint8Array],
    true
  >;
  readonly reduceScalars: Operation<[out: Uint8Array, uniform: Uint8Array], true>;
  readonly hashRows: Operation<
    [out: Uint8Array, prefix: Uint8Array, bytes: Uint8Array, suffix: Uint8Array, offsets: Uint32Array],
    true
  >;
  /** Whether the functions for AES are there and this processor runs them, and those for four blocks at once. */
  readonly aesRunsHere?: boolean;
  readonly wideAesRunsHere?: boolean;
  readonly aesSchedule: (schedule: Uint8Array, key: Uint8Array) => void;
  readonly aesBlocks: (schedule: Uint8Array, out: Uint8Array, blocks: Uint8Array, wide: number) => void;
  readonly aesStream: (schedule: Uint8Array, out: Uint8Array, position: number, wide: number) => void;
  readonly foldStreams: (
    schedules: Uint8Array,
    rows: Uint8Array,
    sum: Uint8Array,
    k: number,
    hole: number,
    position: number,
    leaf: Uint8Array,
    wide: number,
  ) => void;
  readonly hashTransfers: (
    schedule: Uint8Array,
    matrix: Uint8Array,
    delta: Uint8Array,
    zero: Uint8Array,
    one: Uint8Array,
    tweak: number,
    bits: number,
    wide: number,
  ) => void;
  readonly addProducts: AddProducts | undefined;
  /** An older build lacks these three. */
  readonly treesScratch?: (depth: number, columns: number) => number;
  readonly takeTreesOff?: (
    schedules: Uint8Array,
    zero: Uint8Array,
    one: Uint8Array,
    corrections: Uint8Array,
    table: Uint8Array,
    sums: Uint8Array,
    scratch: Uint8Array,
    depth: number,
  ) => void;
  readonly addPuncturedTrees?: (
    schedules: Uint8Array,
    known: Uint8Array,
    corrections: Uint8Array,
    holes: Uint8Array,
    table: Uint8Array,
    scratch: Uint8Array,
    depth: number,
  ) => void;
  readonly field: (
    path: number,
    scratch: Uint8Array,
    out: Uint8Array,
    left: Uint8Array,
    right: Uint8Array,
    operation: number,
  ) => true;
}

/**
 * The group on one path. Points and scalars are packed, 32 bytes each, uniform strings 64; scalars are taken modulo
 * the group order. `out` has the results' length. A function that answers false met a point that is not valid or
 * made the identity, and `out` is of no use. RangeError if lengths do not fit each other. Nothing is kept of the
 * operands: `scratch`, which every function works in, holds only zeros between calls.
 */
export class NativeGroup {
  readonly path: NativePath;
  /** Points worked on at once. */
  readonly lanes: number;
  /** Limbs of a field element: five of 51 bits, or ten of 26 and 25 bits in turn. */
  readonly limbs: number;
  readonly scratch: Uint8Array<ArrayBuffer>;
  readonly #addon: Addon;
  readonly #index: number;
  readonly #sumBytes: number;
  /** Taken with the first sum; what is in it is public. */
  #sumMemory: Uint8Array | undefined;

  constructor(addon: Addon, index: number) {
    const { name, lanes, limbs, scratchBytes, sumBytes } = addon.paths[index]!;
    this.path = name;
    this.lanes = lanes;
    this.limbs = limbs;
    this.scratch = new Uint8Array(scratchBytes);
    this.#sumBytes = sumBytes;
    this.#addon = addon;
    this.#index = index;
  }

  /** Index of the first point that is not valid, -1 if there is none. */
  firstInvalid(points: Uint8Array): number {
    return this.#addon.firstInvalid(this.#index, this.scratch, points);
  }

  mapToGroup(out: Uint8Array, uniform: Uint8Array): void {
    this.#addon.mapToGroup(this.#index, this.scratch, out, uniform);
  }

  add(out: Uint8Array, left: Uint8Array, right: Uint8Array): boolean {
    return this.#addon.add(this.#index, this.scratch, out, left, right);
  }

  subtract(out: Uint8Array, left: Uint8Array, right: Uint8Array): boolean {
    return this.#addon.subtract(this.#index, this.scratch, out, left, right);
  }

  /** `scalars`: one for each point, or one for all. */
  multiply(out: Uint8Array, points: Uint8Array, scalars: Uint8Array): boolean {
    return this.#addon.multiply(this.#index, this.scratch, out, points, scalars);
  }

  /** `mapToGroup` and then `multiply` with one scalar, without an encoding in between. */
  mapAndMultiply(out: Uint8Array, uniform: Uint8Array, scalar: Uint8Array): boolean {
    return this.#addon.mapAndMultiply(this.#index, this.scratch, out, uniform, scalar);
  }

  multiplyBase(out: Uint8Array, scalars: Uint8Array): boolean {
    return this.#addon.multiplyBase(this.#index, this.scratch, out, scalars);
  }

  /** `mapToGroup` plus, point by point, the product of one point, `base`, with each scalar. */
  mapAndAddMultiples(out: Uint8Array, uniform: Uint8Array, base: Uint8Array, scalars: Uint8Array): boolean {
    return this.#addon.mapAndAddMultiples(this.#index, this.scratch, out, uniform, base, scalars);
  }

  /** Points minus such products. */
  subtractMultiples(out: Uint8Array, points: Uint8Array, base: Uint8Array, scalars: Uint8Array): boolean {
    return this.#addon.subtractMultiples(this.#index, this.scratch, out, points, base, scalars);
  }

  /** The sum of the products of points with scalars, one point; both are public, the time depends on them. */
  sumOfProducts(out: Uint8Array, points: Uint8Array, scalars: Uint8Array): boolean {
    this.#sumMemory ??= new Uint8Array(this.#sumBytes);
    return this.#addon.sumOfProducts(this.#index, this.scratch, this.#sumMemory, out, points, scalars);
  }

  /** Scalars: minuends - left x right. */
  subtractProducts(out: Uint8Array, minuends: Uint8Array, left: Uint8Array, right: Uint8Array): void {
    this.#addon.subtractProducts(this.#index, this.scratch, out, minuends, left, right);
  }

  reduceScalars(out: Uint8Array, uniform: Uint8Array): void {
    this.#addon.reduceScalars(this.#index, this.scratch, out, uniform);
  }

  /** SHA-512 of rows `bytes[offsets[i] .. offsets[i + 1])`, each between prefix and suffix: 64 bytes each. */
  hashRows(
    out: Uint8Array,
    prefix: Uint8Array,
    bytes: Uint8Array,
    suffix: Uint8Array,
    offsets: Uint32Array,
  ): void {
    this.#addon.hashRows(this.#index, this.scratch, out, prefix, bytes, suffix, offsets);
  }

  /** For tests. Operands: lanes x limbs words; the result: lanes x 32 bytes, below p. */
  field(operation: FieldOperation, left: BigUint64Array, right: BigUint64Array): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(this.lanes * 32);
    const number = FIELD_OPERATIONS.indexOf(operation);
    this.#addon.field(this.#index, this.scratch, out, bytesOf(left), bytesOf(right), number);
    return out;
  }
}

const bytesOf = (words: BigUint64Array) => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

let loaded: { readonly addon: Addon | undefined } | undefined;

/** The add-on, undefined where there is none. */
function loadAddon(): Addon | undefined {
  loaded ??= { addon: tryLoad() };
  return loaded.addon;
}

/** Where the add-on lies if it was built at installation, and if the package brought it: both beside `src`, or `lib`. */
const PLACES = [
  "../build/Release/halfroom_crypto.node",
  `../prebuilds/${process.platform}-${process.arch}/halfroom_crypto.node`,
];

function tryLoad(): Addon | undefined {
  const require = createRequire(import.meta.url);
  for (const place of PLACES) {
    try {
      return require(place) as Addon;
    } catch {
      // It is not there, or was built for another system.
    }
  }
  return undefined;
}

/** Paths that run on this machine, fastest first; none if the add-on was not built. */
export function nativePaths(): NativePath[] {
  return (loadAddon()?.paths ?? []).filter((path) => path.runsHere).map((path) => path.name);
}

/** The group on `path`, by default the fastest one; undefined if it does not run here. */
export function loadNative(path: NativePath | undefined = nativePaths()[0]): NativeGroup | undefined {
  const addon = loadAddon();
  if (!addon || !path || !nativePaths().includes(path)) return undefined;
  return new NativeGroup(
    addon,
    addon.paths.findIndex(({ name }) => name === path),
  );
}

const SCHEDULE_BYTES = 11 * 16;

/** AES-128 (FIPS 197), and products in GF(2^128), with the processor's instructions, into memory of the caller. */
export interface NativeAes {
  /** The round keys of a key of 16 bytes. */
  schedule(key: Uint8Array): Uint8Array;
  /** The permutation on each block of 16 bytes, from `blocks` to `out`, which are equally long or the same. */
  blocks(schedule: Uint8Array, out: Uint8Array, blocks: Uint8Array): void;
  /** Counter mode (NIST SP 800-38A) from counter 0: bytes `position` and following of the key stream. */
  stream(schedule: Uint8Array, out: Uint8Array, position: number): void;
  /**
   * One tree of SoftSpokenOT (eprint 2022/192): of 2^k streams, number x ^ hole standing at place x, the bytes from `position`
   * on. Row b of `rows`, k x `sum`'s bytes, gets the sum of those whose place has bit b, `sum` the sum of all. `leaf`, unless
   * it is empty, is added to the stream at place `hole` first.
   */
  fold(
    schedules: Uint8Array,
    rows: Uint8Array,
    sum: Uint8Array,
    k: number,
    hole: number,
    position: number,
    leaf: Uint8Array,
  ): void;
  /**
   * pi(pi(x) xor i) xor pi(x) of the columns x of a bit matrix of 128 rows, i = `tweak` + the column's number: to `zero`, and
   * of the columns xor `delta` to `one`; the latter two may be empty. As many columns as `zero` has room for, 16 bytes each,
   * or with `bits` the lowest bit of each.
   */
  hashColumns(columns: {
    readonly schedule: Uint8Array;
    readonly matrix: Uint8Array;
    readonly delta: Uint8Array;
    readonly zero: Uint8Array;
    readonly one: Uint8Array;
    readonly tweak: number;
    readonly bits: boolean;
  }): void;
  /**
   * sums[r] += sum over b of coefficients[b] * block b of row r in GF(2)[x] / (x^128 + x^7 + x^2 + x + 1), 16 bytes each. Rows are
   * `rowBytes` apart; of each as many blocks are taken, from `firstByte` on, as there are coefficients. An
   * older build lacks it.
   */
  readonly addProducts: AddProducts | undefined;
  /** An older build lacks it. */
  readonly trees: NativeTrees | undefined;
}

/** GGM trees of one depth, 1 to 16, and a table with a row of numbers mod 2^64 for each leaf of a tree. */
export interface TreesOfDepth {
  /** Of the children on the left, of those on the right, of the stretching: one after the other. */
  readonly schedules: Uint8Array;
  readonly depth: number;
  /** Two blocks of 16 bytes for each level but the first of each tree. */
  readonly corrections: Uint8Array;
  readonly table: Uint8Array;
}

/** Trees whose leaves are stretched to numbers and added up as they grow, tree after tree. RangeError if lengths do not fit each other. */
export interface NativeTrees {
  /**
   * Writes the corrections, and to `sums` the sum of each tree's leaves by column; takes every leaf off the table. `zero`, `one`: the
   * strings of both branches of each level, a block each, tree after tree.
   */
  takeOff(trees: TreesOfDepth, zero: Uint8Array, one: Uint8Array, sums: Uint8Array): void;
  /**
   * Adds every leaf to the table but those in the holes, from which it takes the sum of their tree's other leaves. `known`: for each level
   * the string of the branch that leaves the path to the hole. `holes`: words, one for each tree.
   */
  addPunctured(trees: TreesOfDepth, known: Uint8Array, holes: Uint8Array): void;
}

/** How the add-on computes AES, fastest first: four blocks to a register (VAES with AVX-512), or one (AES-NI). */
export const AES_PATHS = ["vaes", "aesni"] as const;
export type AesPath = (typeof AES_PATHS)[number];

/** By default the fastest path; undefined where the add-on was not built, or the processor lacks the instructions. */
export function loadNativeAes(path?: AesPath): NativeAes | undefined {
  const addon = loadAddon();
  // A build that is older than this file does not say whether it has the wide functions.
  if (addon?.aesRunsHere !== true || addon.wideAesRunsHere === undefined) return undefined;
  if (path === "vaes" && !addon.wideAesRunsHere) return undefined;
  const wide = addon.wideAesRunsHere && path !== "aesni" ? 1 : 0;
  return {
    schedule(key) {
      const schedule = new Uint8Array(SCHEDULE_BYTES);
      addon.aesSchedule(schedule, key);
      return schedule;
    },
    blocks: (schedule, out, blocks) => addon.aesBlocks(schedule, out, blocks, wide),
    stream: (schedule, out, position) => addon.aesStream(schedule, out, position, wide),
    fold: (schedules, rows, sum, k, hole, position, leaf) =>
      addon.foldStreams(schedules, rows, sum, k, hole, position, leaf, wide),
    hashColumns: ({ schedule, matrix, delta, zero, one, tweak, bits }) =>
      addon.hashTransfers(schedule, matrix, delta, zero, one, tweak, bits ? 1 : 0, wide),
    addProducts: addon.addProducts,
    trees: treesOf(addon),
  };
}

function treesOf({ treesScratch, takeTreesOff, addPuncturedTrees }: Addon): NativeTrees | undefined {
  if (treesScratch === undefined || takeTreesOff === undefined || addPuncturedTrees === undefined)
    return undefined;
  let scratch = new Uint8Array(0);
  const scratchOf = ({ depth, table }: TreesOfDepth): Uint8Array => {
    const bytes = treesScratch(depth, table.length / 8 / 2 ** depth);
    if (scratch.length < bytes) scratch = new Uint8Array(bytes);
    return scratch;
  };
  return {
    takeOff(trees, zero, one, sums) {
      const { schedules, depth, corrections, table } = trees;
      takeTreesOff(schedules, zero, one, corrections, table, sums, scratchOf(trees), depth);
    },
    addPunctured(trees, known, holes) {
      const { schedules, depth, corrections, table } = trees;
      addPuncturedTrees(schedules, known, corrections, holes, table, scratchOf(trees), depth);
    },
  };
}
