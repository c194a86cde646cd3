// This side's addends of the bases of one partition: how many of each match, and how many there are. A size is known to
// one side alone, which adds it to what both test; the other adds nothing.
import type { Role } from "@halfroom/mpc";
import type { PartitionLayout } from "./layout.ts";

/** In the order of the layout: rows, categories, all of the receiver, all of the sender. */
export interface Bases {
  readonly matched: BigInt64Array;
  readonly sizes: BigInt64Array;
}

/** `people`: this side's addends, rows x categories. `own`: its people by row (receiver) or by category (sender). */
export function basesOf(part: PartitionLayout, people: BigInt64Array, own: Uint32Array, role: Role): Bases {
  const { rows, bases } = part;
  const categories = bases - rows - 2;
  const matched = new BigInt64Array(bases);
  const [receiver, sender] = [bases - 2, bases - 1];
  people.forEach((share, pair) => {
    for (const base of [Math.floor(pair / categories), rows + (pair % categories), receiver, sender])
      matched[base] = matched[base]! + share;
  });
  const sizes = new BigInt64Array(bases);
  const [first, total] = role === "receiver" ? [0, receiver] : [rows, sender];
  own.forEach((size, i) => {
    sizes[first + i] = BigInt(size);
    sizes[total] = sizes[total]! + BigInt(size);
  });
  return { matched, sizes };
}

/** This side's addend of: unmatched people of a base. */
export function unmatched(matched: bigint, size: bigint): bigint {
  return size - matched;
}

/** This side's addend of a number that is >= 0 just where at most 85 % of a base match: 17 size - 20 matched. */
export function withinPair(matched: bigint, size: bigint): bigint {
  return 17n * size - 20n * matched;
}
