// One-hot slots in one pass of the native add-on, where AES is there: hashed, stretched and added up while they are in the cache. What else
// computes them, and what they are, is in `mpc/src/slots`.
import { bytesOf } from "./bits.ts";
import { nativeAes } from "./aes-cipher.ts";
import type { FixedKeyAes } from "./aes.ts";
import type { RingArray } from "./ring.ts";
import type { NativeAes } from "@halfroom/crypto-native";

/** Slots side by side, and where their leaves go. */
export interface SlotTable {
  /** Leaves of a slot: 2 to 2^14. */
  readonly cells: number;
  /** The number of the first slot among all under these permutations. */
  readonly first: number;
  /** Cells x columns numbers. */
  readonly table: RingArray;
}

/** See `NativeSlots`; numbers and blocks as words. */
export interface FusedSlots {
  takeOff(of: SlotTable, rows: Uint32Array, delta: Uint32Array, flips: Uint32Array, sums: RingArray): void;
  addPunctured(of: SlotTable, rows: Uint32Array, holes: Uint32Array): void;
}

/** Slots with these permutations; undefined where the add-on does not compute them. `native` is a parameter for tests alone. */
export function nativeSlotsOf(
  permutations: { readonly hash: FixedKeyAes; readonly stretch: FixedKeyAes },
  native: NativeAes | undefined = nativeAes,
): FusedSlots | undefined {
  const slots = native?.slots;
  const [hash, stretch] = [permutations.hash.schedule, permutations.stretch.schedule];
  if (slots === undefined || hash === undefined || stretch === undefined) return undefined;
  const schedules = new Uint8Array(Buffer.concat([hash, stretch]));
  const inBytes = ({ cells, first, table }: SlotTable) => ({
    schedules,
    cells,
    tweak: first * cells,
    table: bytesOf(table),
  });
  return {
    takeOff: (of, rows, delta, flips, sums) =>
      slots.takeOff(inBytes(of), bytesOf(rows), bytesOf(delta), bytesOf(flips), bytesOf(sums)),
    addPunctured: (of, rows, holes) => slots.addPunctured(inBytes(of), bytesOf(rows), bytesOf(holes)),
  };
}
