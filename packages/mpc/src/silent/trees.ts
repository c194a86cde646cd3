// The correlated trees of an expansion (half-trees, eprint 2022/1431; single-point correlated transfers as in eprint 2020/924), all
// side by side: row n of an array has node n of every tree. The nodes of each level of each tree add up to Delta. One party, the
// grower, knows all of them; the other all but those on the path to its hole.
//
// For each level of each tree the two hold a correlated transfer: a block q, and q + choice x Delta. On level 0 these are the nodes:
// node 0 is q, node 1 is q + Delta, and the other side knows the one that it chose. On later levels the grower sends q plus the sum of the
// left nodes; so the other side learns the sum of the nodes of the branch that it chose, and from it the one that it lacks there. Its hole
// lies behind the branches that it did not choose. In the end it has the sum of all leaves but the hole: the leaf there, plus Delta.
//
// In the papers the grower draws the nodes of level 0. Here the other side has a say in them, which may have made two trees begin alike: with
// one child of either, a left one and a right one, it would have their sum, which is their parent, and so Delta. So what makes the children of
// these nodes is tweaked by the number of each. All later nodes contain what it made of Delta, which nobody chooses.
import { bitMask, BlockHash, BLOCK_WORDS, FixedKeyAes, growHalf, xorInto } from "@halfroom/crypto";
import type { Place } from "./check.ts";

/** What both sides know: the sizes, and the public functions. */
export interface TreeShape {
  readonly trees: number;
  readonly depth: number;
  /** What makes the children of level 0, and those of all other levels. */
  readonly roots: BlockHash;
  readonly pi: FixedKeyAes;
}

/** Trees of these sizes, under keys of their expansion. */
export function treeShape(
  { session, direction, shard, expansion }: Place,
  { trees, depth }: Pick<TreeShape, "trees" | "depth">,
): TreeShape {
  const roots = new BlockHash(new FixedKeyAes("silent/roots", session, direction, shard, expansion));
  return { trees, depth, roots, pi: new FixedKeyAes("silent/trees", session, direction, shard, expansion) };
}

/** Words of the corrections of all trees: a block a level, but the first. */
export function correctionWords({ trees, depth }: Pick<TreeShape, "trees" | "depth">): number {
  return trees * (depth - 1) * BLOCK_WORDS;
}

/**
 * Writes all leaves of all trees to `nodes`, 2^depth rows, and returns the corrections, level after level. `correlated`: q, depth x trees
 * blocks, level after level; `delta`: 4 words.
 */
export function growAll(
  shape: TreeShape,
  correlated: Uint32Array,
  delta: Uint32Array,
  nodes: Uint32Array,
): Uint32Array<ArrayBuffer> {
  const { trees, depth } = shape;
  const row = trees * BLOCK_WORDS;
  const corrections = new Uint32Array(row * (depth - 1));
  for (let at = 0; at < row; at++) {
    nodes[at] = correlated[at]!;
    nodes[row + at] = correlated[at]! ^ delta[at % BLOCK_WORDS]!;
  }
  for (let level = 1; level < depth; level++) {
    const correction = corrections.subarray((level - 1) * row, level * row);
    correction.set(growLevel(shape, nodes, level));
    xorInto(correction, correlated.subarray(level * row, (level + 1) * row));
  }
  return corrections;
}

/** The leaf of each tree that a choice of a branch a level leaves out: bit `level x trees + tree` of `choices` was chosen. */
export function holesOf(
  { trees, depth }: Pick<TreeShape, "trees" | "depth">,
  choices: Uint32Array,
): Uint32Array {
  const holes = new Uint32Array(trees);
  for (let level = 0, i = 0; level < depth; level++)
    for (let tree = 0; tree < trees; tree++, i++)
      holes[tree] = (holes[tree]! << 1) | (~bitMask(choices, i) & 1);
  return holes;
}

/**
 * Writes to `nodes` all leaves but the holes, and in each hole the sum of all others of its tree. `correlated`: q + choice x Delta;
 * `choices`, `holes`: see `holesOf`. Besides rows of nodes in their order it touches those on the paths to the holes.
 */
export function growPunctured(
  shape: TreeShape,
  correlated: Uint32Array,
  corrections: Uint32Array,
  { choices, holes }: { readonly choices: Uint32Array; readonly holes: Uint32Array },
  nodes: Uint32Array,
): void {
  const { trees, depth } = shape;
  const row = trees * BLOCK_WORDS;
  /** Of each tree the sum of the nodes of a level that are known. */
  const known = correlated.slice(0, row);
  for (let tree = 0, at = 0; tree < trees; tree++) {
    const one = bitMask(choices, tree);
    for (let w = 0; w < BLOCK_WORDS; w++, at++) {
      nodes[at] = known[at]! & ~one;
      nodes[row + at] = known[at]! & one;
    }
  }
  for (let level = 1; level < depth; level++) {
    const sums = growLevel(shape, nodes, level);
    for (let tree = 0, at = 0; tree < trees; tree++) {
      const i = level * trees + tree;
      const chosen = bitMask(choices, i);
      // The node on the path counts as zero; both its children are void, and alike.
      const onPath = holes[tree]! >>> (depth - 1 - level);
      const hole = onPath * row + tree * BLOCK_WORDS;
      const sibling = (onPath ^ 1) * row + tree * BLOCK_WORDS;
      for (let w = 0; w < BLOCK_WORDS; w++, at++) {
        const sumOfBranch = sums[at]! ^ (known[at]! & chosen) ^ nodes[hole + w]!;
        const rightSum = corrections[(level - 1) * row + at]! ^ correlated[level * row + at]!;
        const missing = sumOfBranch ^ rightSum;
        nodes[sibling + w] = missing;
        nodes[hole + w] = 0;
        known[at]! ^= missing;
      }
    }
  }
  for (let tree = 0, at = 0; tree < trees; tree++)
    for (let w = 0; w < BLOCK_WORDS; w++, at++)
      nodes[holes[tree]! * row + tree * BLOCK_WORDS + w] = known[at]!;
}

/** Turns the nodes of the level before into those of `level`, from 1 on; returns for each tree the sum of the left ones. */
function growLevel({ trees, roots, pi }: TreeShape, nodes: Uint32Array, level: number): Uint32Array {
  return level === 1 ? growRoots(roots, nodes, trees) : growHalf(pi, nodes, 2 ** level, trees);
}

/** As `growHalf` does with later levels, but that node x of tree i has the tweak x trees + i. */
function growRoots(roots: BlockHash, nodes: Uint32Array, trees: number): Uint32Array {
  const row = trees * BLOCK_WORDS;
  const parents = nodes.slice(0, 2 * row);
  const left = roots.strings(parents, 0).zero;
  xorInto(parents, left);
  for (let n = 0; n < 2; n++) {
    nodes.set(left.subarray(n * row, (n + 1) * row), 2 * n * row);
    nodes.set(parents.subarray(n * row, (n + 1) * row), (2 * n + 1) * row);
  }
  const sums = left.slice(0, row);
  xorInto(sums, left.subarray(row));
  return sums;
}
