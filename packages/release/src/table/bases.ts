// This side's addends of the bases of one partition: how many of each match, and how many there are. A size is known to
// one side alone, which adds it to what both test; the other adds nothing.
import { basesOfPair, wholeBases, type PartitionLayout } from "./layout.ts";

/** In the order of the layout. */
export interface Bases {
  readonly matched: BigInt64Array;
  readonly sizes: BigInt64Array;
}

/** `people`: this side's addends, rows x categories. */
export function matchedOf(part: PartitionLayout, people: BigInt64Array): BigInt64Array {
  const matched = new BigInt64Array(part.bases);
  people.forEach((share, pair) => {
    const row = Math.floor(pair / part.categories);
    for (const base of basesOfPair(part, row, pair % part.categories)) matched[base] = matched[base]! + share;
  });
  return matched;
}

/** `people`: the receiver's in each row, which are entries where one person may be in several. */
export function receiverSizes(part: PartitionLayout, people: Uint32Array): BigInt64Array {
  const sizes = new BigInt64Array(part.bases);
  const [receiver] = wholeBases(part);
  people.forEach((size, row) => {
    sizes[row] = BigInt(size);
    sizes[receiver] = sizes[receiver]! + BigInt(size);
  });
  return sizes;
}

/** `people`: the sender's in each category; each may match as many entries as a person may have, in one row one of them. */
export function senderSizes(part: PartitionLayout, people: Uint32Array, entriesMax: number): BigInt64Array {
  const sizes = new BigInt64Array(part.bases);
  const [, sender] = wholeBases(part);
  people.forEach((size, category) => {
    const entries = BigInt(size) * BigInt(entriesMax);
    sizes[part.rows + category] = entries;
    sizes[sender] = sizes[sender]! + entries;
  });
  if (part.pairBases)
    for (let pair = 0; pair < part.pairs; pair++)
      sizes[sender + 1 + pair] = BigInt(people[pair % part.categories]!);
  return sizes;
}

/** This side's addend of: unmatched people of a base. */
export function unmatched(matched: bigint, size: bigint): bigint {
  return size - matched;
}

/** This side's addend of a number that is >= 0 just where at most 85 % of a base match: 17 size - 20 matched. */
export function withinPair(matched: bigint, size: bigint): bigint {
  return 17n * size - 20n * matched;
}
