// The passes in plain TypeScript.
import { xorInto } from "../bits.ts";
import { BLOCK_WORDS } from "../block.ts";
import type { PassEngine, SlotKeys, SlotPass } from "./engine.ts";
import { addPuncturedLeaves, takeLeavesOff } from "./plain-leaves.ts";
import { plainTrees } from "./plain-trees.ts";
import { slotKeys } from "./slot-keys.ts";

export const plainPasses: PassEngine = {
  name: "typescript",
  trees: plainTrees,
  slots: plainSlots,

  growHalf(pi, nodes, width, trees, sums) {
    const row = trees * BLOCK_WORDS;
    sums.fill(0);
    // From the last row to the first: children never lie where a node is still to be read.
    for (let n = width - 1; n >= 0; n--) {
      const parents = nodes.slice(n * row, (n + 1) * row);
      const children = pi.oneWay(orthomorphism(parents));
      xorInto(sums, children);
      nodes.set(children, 2 * n * row);
      xorInto(children, parents);
      nodes.set(children, (2 * n + 1) * row);
    }
  },
};

/** The sum of both halves, then the first half, of each block. */
function orthomorphism(blocks: Uint32Array): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(blocks.length);
  for (let at = 0; at < out.length; at += BLOCK_WORDS) {
    out[at] = blocks[at]! ^ blocks[at + 2]!;
    out[at + 1] = blocks[at + 1]! ^ blocks[at + 3]!;
    out[at + 2] = blocks[at]!;
    out[at + 3] = blocks[at + 1]!;
  }
  return out;
}

function plainSlots({ hash, stretch }: SlotKeys): SlotPass {
  return {
    takeOff({ cells, first, table }, rows, delta, flips, sums) {
      const slots = rows.length / BLOCK_WORDS / (cells - 1);
      for (let slot = 0; slot < slots; slot++) {
        const keys = slotKeys(rows, slot, 1, cells, { flips, delta });
        const ofSlot = takeLeavesOff(stretch, hash.tweakedHash(keys, (first + slot) * cells), table);
        sums.set(ofSlot, slot * ofSlot.length);
      }
    },

    addPunctured({ cells, first, table }, rows, holes) {
      holes.forEach((hole, slot) => {
        const leaves = hash.tweakedHash(slotKeys(rows, slot, 1, cells), (first + slot) * cells);
        addPuncturedLeaves(stretch, leaves, hole, table);
      });
    },
  };
}
