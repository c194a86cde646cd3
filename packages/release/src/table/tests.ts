// This side's addends of all numbers that a table's release tests, with their public bounds.
import type { Role } from "@halfroom/mpc";
import type { ReleaseRules, TableShape } from "../plan.types.ts";
import { matchedOf, receiverSizes, senderSizes, unmatched, withinPair, type Bases } from "./bases.ts";
import { rowOfBase, type PartitionLayout, type TableLayout } from "./layout.ts";

/** Test i: the sum of both sides' `shares[i]` is at least `bounds[i]`. */
export interface Tests {
  readonly shares: BigInt64Array;
  readonly bounds: BigInt64Array;
}

/** Keeps a padding row, of which its owner alone knows, from passing by noise. */
const NEVER_PASSES = -(2n ** 62n);

/** What one side brings: its addends of all numbers, noise included, and its bases as in `OwnTable`. */
export interface OwnNumbers {
  readonly role: Role;
  readonly numbers: BigInt64Array;
  readonly bases: Uint32Array;
}

/** The threshold for sums over several rows, in which a person may have several entries. */
export function thresholdOverRows({ threshold, entriesMax = 1 }: ReleaseRules): bigint {
  return threshold * BigInt(entriesMax);
}

export function tableTests(
  layout: TableLayout,
  shape: TableShape,
  rules: ReleaseRules,
  own: OwnNumbers,
): Tests {
  const shares = new BigInt64Array(layout.tests);
  const bounds = new BigInt64Array(layout.tests).fill(rules.threshold);
  for (const part of layout.partitions) {
    const { tests } = part;
    const people = column(part, shape, own, 0);
    const blocked = blockedRows(part, own);
    people.forEach((share, pair) => {
      shares[tests.people + pair] = share + blocked[Math.floor(pair / shape.categories)]!;
    });
    const { matched, sizes } = partitionBases(part, shape, rules, own);
    matched.forEach((count, base) => {
      const size = sizes[base]!;
      const row = rowOfBase(part, base);
      const least = row === undefined ? thresholdOverRows(rules) : rules.threshold;
      if (rules.mode === "exact") {
        shares[tests.unmatched + base] = unmatched(count, size);
        bounds[tests.unmatched + base] = least;
      }
      if (!rules.pair) return;
      const within = withinPair(count, size);
      shares[tests.within + base] = within;
      bounds[tests.within + base] = 0n;
      shares[tests.over + base] = -within;
      bounds[tests.over + base] = 1n;
      bounds[tests.matched + base] = least;
      shares[tests.matched + base] = count + (row === undefined ? 0n : blocked[row]!);
    });
    if (rules.mode === "exact") setContributors(part, shape, own, shares);
  }
  return { shares, bounds };
}

/** This side's addends of the partition's bases. */
export function partitionBases(
  part: PartitionLayout,
  shape: TableShape,
  { entriesMax = 1 }: ReleaseRules,
  own: OwnNumbers,
): Bases {
  const { role, bases } = own;
  const sizes =
    role === "sender"
      ? senderSizes(part, bases, entriesMax)
      : receiverSizes(part, bases.subarray(part.firstRow, part.firstRow + part.rows));
  return { matched: matchedOf(part, column(part, shape, own, 0)), sizes };
}

/** One column of a partition: rows x categories. */
export function column(
  part: PartitionLayout,
  { categories, columns }: TableShape,
  { numbers }: OwnNumbers,
  index: number,
): BigInt64Array {
  const first = part.firstRow * categories;
  return new BigInt64Array(part.pairs).map((_, pair) => numbers[(first + pair) * columns.length + index]!);
}

/** For each row what the receiver adds to its people in their test: nothing, unless it has nobody there. */
function blockedRows(part: PartitionLayout, { role, bases }: OwnNumbers): BigInt64Array {
  const blocked = new BigInt64Array(part.rows);
  if (role === "sender") return blocked;
  return blocked.map((_, row) => (bases[part.firstRow + row] === 0 ? NEVER_PASSES : 0n));
}

function setContributors(
  part: PartitionLayout,
  shape: TableShape,
  own: OwnNumbers,
  shares: BigInt64Array,
): void {
  const contributors = shape.columns.flatMap(({ kind }, index) => (kind === "contributors" ? [index] : []));
  contributors.forEach((index, measure) => {
    column(part, shape, own, index).forEach((share, pair) => {
      shares[part.tests.contributors + pair * contributors.length + measure] = share;
    });
  });
}
