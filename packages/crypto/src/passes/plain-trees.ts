// GGM trees, one after the other, in plain TypeScript.
import { BLOCK_WORDS } from "../block.ts";
import { xorInto } from "../bits.ts";
import { arrayKernels } from "../kernels/index.ts";
import type { TreeKeys, TreePass } from "./engine.ts";
import { addPuncturedLeaves, takeLeavesOff } from "./plain-leaves.ts";

export function plainTrees({ left, right, stretch }: TreeKeys): TreePass {
  const grow = (nodes: Uint32Array) => arrayKernels.growLevel(left.permute, right.permute, nodes, 1);

  return {
    takeOff({ depth, corrections, table }, zero, one, sums) {
      const trees = zero.length / (depth * BLOCK_WORDS);
      for (let tree = 0; tree < trees; tree++) {
        let nodes = new Uint32Array(2 * BLOCK_WORDS);
        nodes.set(block(zero, tree * depth));
        nodes.set(block(one, tree * depth), BLOCK_WORDS);
        for (let level = 1; level < depth; level++) {
          const { children, sums: branches } = grow(nodes);
          xorInto(block(branches, 0), block(zero, tree * depth + level));
          xorInto(block(branches, 1), block(one, tree * depth + level));
          corrections.set(branches, correctionAt(tree, depth, level) * BLOCK_WORDS);
          nodes = children;
        }
        const ofTree = takeLeavesOff(stretch, nodes, table);
        sums.set(ofTree, tree * ofTree.length);
      }
    },

    addPunctured({ depth, corrections, table }, known, holes) {
      holes.forEach((hole, tree) => {
        let nodes = new Uint32Array(2 * BLOCK_WORDS);
        nodes.set(block(known, tree * depth), onPath(hole, depth, 0) ^ 1 ? BLOCK_WORDS : 0);
        for (let level = 1; level < depth; level++) {
          const { children, sums: branches } = grow(nodes);
          // The node on the path was zero, so that both of its children are void.
          const path = onPath(hole, depth, level);
          const branch = (path & 1) ^ 1;
          const sibling = block(children, path ^ 1);
          xorInto(sibling, block(branches, branch));
          xorInto(sibling, block(corrections, correctionAt(tree, depth, level) + branch));
          xorInto(sibling, block(known, tree * depth + level));
          block(children, path).fill(0);
          nodes = children;
        }
        addPuncturedLeaves(stretch, nodes, hole, table);
      });
    },
  };
}

/** The node of a level on the path to the hole. */
function onPath(hole: number, depth: number, level: number): number {
  return hole >>> (depth - 1 - level);
}

/** The number of the first of a level's two corrections. */
function correctionAt(tree: number, depth: number, level: number): number {
  return (tree * (depth - 1) + level - 1) * 2;
}

function block(blocks: Uint32Array, number: number): Uint32Array {
  return blocks.subarray(number * BLOCK_WORDS, (number + 1) * BLOCK_WORDS);
}
