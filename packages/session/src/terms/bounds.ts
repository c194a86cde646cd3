// What follows from the terms of a report before anything is computed: how many items a person has, how far a person can move
// a number, and what cannot be computed at all.
import { CELLS_MAX, LANES_MAX, MEASURES_MAX, PEOPLE_MAX, ProtocolError } from "@halfroom/wire";
import { shardSizes } from "../shards/sizes.ts";
import type { Terms } from "./terms.ts";

/** Items of one person: one for each non-empty set of the match keys (design 2.1). */
export function itemsPerPerson({ match }: Pick<Terms, "match">): number {
  return 2 ** match.length - 1;
}

/**
 * How far a person may move a number of people: once for each of their keys, in each of their cells, or in one of them if
 * events are credited. Thresholds, the floor and the noise are multiplied by the number of keys (design 2.1).
 */
function sensitivityOf({
  match,
  entriesMax,
  events,
}: Pick<Terms, "match" | "entriesMax" | "events">): number {
  return match.length * (events === undefined ? entriesMax : 1);
}

/** People that a number must stand for to be released: the agreed threshold for each match key. */
export function peopleBound({ threshold, match }: Pick<Terms, "threshold" | "match">): number {
  return threshold * match.length;
}

/** Sums stay below this, so that a share's sign is the sum's sign (design 2.1). */
const SUM_LIMIT = 1n << 62n;
/** Room for the noise of both sides: it exceeds this share of the limit with probability far below 2^-40. */
const NOISE_ROOM = 2n;

/** Why these terms cannot be computed for so many people, or undefined if they can. */
export function refusal(
  terms: Pick<Terms, "measures" | "match" | "entriesMax" | "events" | "release" | "shardPeople">,
  people: { readonly sender: number; readonly receiver: number },
): string | undefined {
  const { measures, release } = terms;
  if (measures.length > MEASURES_MAX) return `at most ${MEASURES_MAX} measures`;
  const each = itemsPerPerson(terms);
  const items = { sender: people.sender * each, receiver: people.receiver * each };
  if (Math.max(items.sender, items.receiver) > PEOPLE_MAX)
    return `at most ${Math.floor(PEOPLE_MAX / each)} people a side`;
  if (shardSizes(items.sender, items.receiver, terms.shardPeople).shards > LANES_MAX)
    return `more than ${LANES_MAX} shards: take more people a shard`;
  const matched = BigInt(Math.min(people.sender, people.receiver) * sensitivityOf(terms));
  const limit = release.mode === "exact" ? SUM_LIMIT : SUM_LIMIT / NOISE_ROOM;
  for (const { name, low, high, squares } of measures) {
    const bound = largest(low, high);
    if (bound * matched >= limit) return `narrow the clip bounds of "${name}": its sum could reach 2^62`;
    if (squares && bound * bound * matched >= limit)
      return `narrow the clip bounds of "${name}" or leave out its variance: its sum of squares could reach 2^62`;
  }
  return undefined;
}

/** The largest amount that one person counts for, whatever its sign. */
function largest(low: bigint, high: bigint): bigint {
  return -low > high ? -low : high;
}

/** Cells padded to a power of two. Errors: `refused`, for more than the wire allows. */
export function paddedCells(cells: number): number {
  const padded = 2 ** Math.ceil(Math.log2(Math.max(1, cells)));
  if (padded <= CELLS_MAX) return padded;
  throw new ProtocolError("refused", `more than ${CELLS_MAX} cells: group by fewer or coarser columns`);
}
