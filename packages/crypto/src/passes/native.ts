// The passes by the native add-on, where AES is there: tree after tree, slot after slot, in the first cache.
import type { NativeAes } from "@halfroom/crypto-native";
import { nativeAes } from "../aes-cipher.ts";
import type { FixedKeyAes } from "../aes.ts";
import { bytesOf } from "../bits.ts";
import { BLOCK_WORDS } from "../block.ts";
import type { PassEngine, SlotTable, TreeTable } from "./engine.ts";

/** Undefined where there is no add-on, or one that is older than these functions. */
export function nativePasses(native: NativeAes | undefined = nativeAes): PassEngine | undefined {
  if (native?.trees === undefined || native.slots === undefined || native.growHalf === undefined)
    return undefined;
  const { trees, slots, growHalf } = native;
  return {
    name: "native",

    trees({ left, right, stretch }) {
      const schedules = schedulesOf(left, right, stretch);
      const inBytes = ({ depth, corrections, table }: TreeTable) => ({
        schedules,
        depth,
        corrections: bytesOf(corrections),
        table: bytesOf(table),
      });
      return {
        takeOff: (of, zero, one, sums) =>
          trees.takeOff(inBytes(of), bytesOf(zero), bytesOf(one), bytesOf(sums)),
        addPunctured: (of, known, holes) => trees.addPunctured(inBytes(of), bytesOf(known), bytesOf(holes)),
      };
    },

    slots({ hash, stretch }) {
      const schedules = schedulesOf(hash, stretch);
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
    },

    growHalf(pi, nodes, width, trees, sums) {
      const used = nodes.subarray(0, 2 * width * trees * BLOCK_WORDS);
      growHalf(schedulesOf(pi), bytesOf(used), width, bytesOf(sums));
    },
  };
}

function schedulesOf(...permutations: readonly FixedKeyAes[]): Uint8Array {
  const each = permutations.map(({ schedule }) => {
    if (schedule === undefined) throw new RangeError("the add-on does not compute this permutation");
    return schedule;
  });
  return each.length === 1 ? each[0]! : new Uint8Array(Buffer.concat(each));
}
