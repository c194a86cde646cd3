// The add-on as JavaScript sees it, as far as this machine could build it and its processor runs it.
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

export type AddProducts = (
  coefficients: Uint8Array,
  matrix: Uint8Array,
  rowBytes: number,
  firstByte: number,
  sums: Uint8Array,
) => void;

export type GrowHalf = (schedule: Uint8Array, nodes: Uint8Array, width: number, sums: Uint8Array) => void;

/** The moves of the code of silent transfers (protocol-spec.md, section 10.9) on blocks of 16 bytes. RangeError if lengths do not fit. */
export interface NativeCode {
  /** Puts the sum of all blocks up to it in each block's place. */
  sum(blocks: Uint8Array): void;
  /** Puts the sum of the blocks of `from` at the first i + 1 places of `order` in place i of `to`. */
  gather(from: Uint8Array, to: Uint8Array, order: Uint32Array): void;
  /** The blocks of `from` in the order of `order`, in words of 64 blocks, to 32 blocks each. */
  fold(from: Uint8Array, out: Uint8Array, order: Uint32Array): void;
  /** Clears the lowest bit of each block; `bits`, unless it is empty, gets them, eight to a byte. */
  takeLowBits(blocks: Uint8Array, bits: Uint8Array): void;
}

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
export interface Addon {
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
  readonly growHalf: GrowHalf | undefined;
  readonly hashBlocks:
    | ((
        schedule: Uint8Array,
        blocks: Uint8Array,
        delta: Uint8Array,
        zero: Uint8Array,
        one: Uint8Array,
        tweak: number,
        bits: number,
      ) => void)
    | undefined;
  /** Whether the processor has AVX2. An older build lacks this and the next four. */
  readonly avx2RunsHere?: boolean;
  readonly sumBlocks: NativeCode["sum"];
  readonly gatherSums?: NativeCode["gather"];
  readonly foldCode: (from: Uint8Array, out: Uint8Array, order: Uint32Array, wide: number) => void;
  readonly takeLowBits?: NativeCode["takeLowBits"];
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
  /** An older build lacks these two. */
  readonly takeSlotsOff?: (
    schedules: Uint8Array,
    rows: Uint8Array,
    delta: Uint8Array,
    flips: Uint8Array,
    table: Uint8Array,
    sums: Uint8Array,
    cells: number,
    tweak: number,
  ) => void;
  readonly addPuncturedSlots?: (
    schedules: Uint8Array,
    rows: Uint8Array,
    holes: Uint8Array,
    table: Uint8Array,
    row: Uint8Array,
    cells: number,
    tweak: number,
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

let loaded: { readonly addon: Addon | undefined } | undefined;

/** The add-on, undefined where there is none. */
export function loadAddon(): Addon | undefined {
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
