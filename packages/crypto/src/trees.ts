// GGM trees in one pass of the native add-on, where AES is there: grown, stretched and added up while they are in the cache. What else
// computes them, and what they are, is in `mpc/src/ggm`.
import { bytesOf } from "./bits.ts";
import { nativeAes } from "./aes-cipher.ts";
import type { FixedKeyAes } from "./aes.ts";
import type { RingArray } from "./ring.ts";
import type { NativeAes } from "@halfroom/crypto-native";

export interface TreeTable {
  /** 1 to 16: a tree has 2^depth leaves. */
  readonly depth: number;
  /** Trees x (depth - 1) x 2 blocks. */
  readonly corrections: Uint32Array;
  /** 2^depth rows of numbers mod 2^64: leaf g of a tree, stretched, belongs to row g. */
  readonly table: RingArray;
}

/** See `NativeTrees`; numbers and blocks as words. */
export interface FusedTrees {
  takeOff(trees: TreeTable, zero: Uint32Array, one: Uint32Array, sums: RingArray): void;
  addPunctured(trees: TreeTable, known: Uint32Array, holes: Uint32Array): void;
}

/** Trees with these permutations; undefined where the add-on does not compute them. `native` is a parameter for tests alone. */
export function nativeTreesOf(
  permutations: { readonly left: FixedKeyAes; readonly right: FixedKeyAes; readonly stretch: FixedKeyAes },
  native: NativeAes | undefined = nativeAes,
): FusedTrees | undefined {
  const { left, right, stretch } = permutations;
  const trees = native?.trees;
  if (trees === undefined) return undefined;
  const each = [left, right, stretch].flatMap(({ schedule }) => schedule ?? []);
  if (each.length < 3) return undefined;
  const schedules = new Uint8Array(Buffer.concat(each));
  const inBytes = ({ depth, corrections, table }: TreeTable) => ({
    schedules,
    depth,
    corrections: bytesOf(corrections),
    table: bytesOf(table),
  });
  return {
    takeOff: (of, zero, one, sums) => trees.takeOff(inBytes(of), bytesOf(zero), bytesOf(one), bytesOf(sums)),
    addPunctured: (of, known, holes) => trees.addPunctured(inBytes(of), bytesOf(known), bytesOf(holes)),
  };
}
