// What an exact report without totals opens of a plain join, written as the rule reads (design section 2.5).
import type { OracleJoin } from "./oracle.ts";

export interface ExactCell {
  readonly labels: readonly string[];
  readonly people: bigint;
  /** One for each measure; undefined where too few people contribute to it. */
  readonly sums: readonly (bigint | undefined)[];
}

export interface ExactRelease {
  readonly released: readonly ExactCell[];
  /** How many cells stay hidden. */
  readonly suppressed: number;
}

/**
 * A cell's people open if they, and the unmatched people of the cell, of the whole receiver and of the whole sender, are at
 * least `threshold` each; a sum opens if its contributors are at least as many too. For a sender without categories.
 */
export function exactRelease(join: OracleJoin, { threshold }: { readonly threshold: number }): ExactRelease {
  const { cells, senderPeople, receiverPeople } = join;
  const enough = (people: bigint) => people >= BigInt(threshold);
  const matched = cells.reduce((sum, { people }) => sum + people, 0n);
  const strangersOnBothSides = enough(senderPeople - matched) && enough(receiverPeople - matched);
  const released = cells
    .filter(({ base, people }) => strangersOnBothSides && enough(people) && enough(base - people))
    .map(({ labels, people, sums, contributors }) => ({
      labels,
      people,
      sums: sums.map((sum, m) => (enough(contributors[m]!) ? sum : undefined)),
    }));
  return { released, suppressed: cells.length - released.length };
}
