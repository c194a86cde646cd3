// This side's addends of the bases of one partition: how many of each match, and how many there are. A size is known to
// one side alone, which adds it to what both test; the other adds nothing.
import { addAt, addTimesAt, ringArray, subtractAt, type RingArray } from "@halfroom/crypto";
import { basesOfPair, wholeBases, type PartitionLayout } from "./layout.ts";

/** In the order of the layout. */
export interface Bases {
  readonly matched: RingArray;
  readonly sizes: RingArray;
}

/** `people`: this side's addends, rows x categories. */
export function matchedOf(part: PartitionLayout, people: RingArray): RingArray {
  const matched = ringArray(part.bases);
  for (let pair = 0; pair < part.pairs; pair++) {
    const row = Math.floor(pair / part.categories);
    for (const base of basesOfPair(part, row, pair % part.categories))
      addAt(matched, base * 2, people, pair * 2);
  }
  return matched;
}

/** `people`: the receiver's in each row, which are entries where one person may be in several. */
export function receiverSizes(part: PartitionLayout, people: Uint32Array): RingArray {
  const sizes = ringArray(part.bases);
  const [receiver] = wholeBases(part);
  people.forEach((size, row) => {
    sizes[row * 2] = size;
    addAt(sizes, receiver * 2, sizes, row * 2);
  });
  return sizes;
}

/** `people`: the sender's in each category; each may match as many entries as a person may have, in one row one of them. */
export function senderSizes(part: PartitionLayout, people: Uint32Array, entriesMax: number): RingArray {
  const sizes = ringArray(part.bases);
  const [, sender] = wholeBases(part);
  people.forEach((size, category) => {
    const at = (part.rows + category) * 2;
    sizes[at] = size;
    addTimesAt(sizes, at, sizes, at, entriesMax - 1);
    addAt(sizes, sender * 2, sizes, at);
  });
  if (part.pairBases)
    for (let pair = 0; pair < part.pairs; pair++)
      sizes[(sender + 1 + pair) * 2] = people[pair % part.categories]!;
  return sizes;
}

/** This side's addends of each base's unmatched people: size - matched. */
export function unmatched({ matched, sizes }: Bases): RingArray {
  const numbers = sizes.slice();
  for (let at = 0; at < numbers.length; at += 2) subtractAt(numbers, at, matched, at);
  return numbers;
}

/** This side's addends of numbers that are >= 0 just where at most 85 % of a base match: 17 size - 20 matched. */
export function withinPair({ matched, sizes }: Bases): RingArray {
  const numbers = ringArray(sizes.length / 2);
  for (let at = 0; at < numbers.length; at += 2) {
    addTimesAt(numbers, at, sizes, at, 17);
    addTimesAt(numbers, at, matched, at, -20);
  }
  return numbers;
}
