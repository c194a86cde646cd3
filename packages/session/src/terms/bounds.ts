// What follows from the terms of a report before anything is computed: how many items a person has, how far a person can move
// a number, and what cannot be computed at all.
import { CELLS_MAX, MEASURES_MAX, PEOPLE_MAX, ProtocolError, SHARDS_MAX } from "@halfroom/wire";
import { quoted } from "@halfroom/wire/words";
import type { Role } from "@halfroom/mpc";
import type { Limits } from "@halfroom/release";
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

/** Whether the first cell of each partition takes what is to be in none: entries that a person lacks, and people who are not new. */
export function hasSpareCell({ entriesMax, newPeople }: Pick<Terms, "entriesMax" | "newPeople">): boolean {
  return entriesMax > 1 || newPeople === true;
}

/** People that a number must stand for to be released: the agreed threshold for each match key. */
export function peopleBound({ threshold, match }: Pick<Terms, "threshold" | "match">): number {
  return threshold * match.length;
}

/**
 * The fewest people that a side must have in a cell, or a category, for one of its numbers to open. An exact report also asks for as
 * many who do not match, of a sender's people each entry that they might match.
 */
export function fewestToOpen(
  terms: Pick<Terms, "match" | "threshold" | "release" | "entriesMax" | "events">,
  role: Role,
): number {
  if (terms.release.mode === "noise") return terms.threshold;
  const least = peopleBound(terms);
  const entries = terms.events === undefined && role === "sender" ? terms.entriesMax : 1;
  return least + Math.ceil(least / entries);
}

/** What sums can range over stays below this (design 2.1). */
const SUM_LIMIT = 1n << 62n;
/** With noise, half of it; whether the noise of a report fits the rest follows from its widths (section 13.3). */
const NOISE_ROOM = 2n;

/** Why these terms cannot be computed for so many people, or undefined if they can. */
export function refusal(
  terms: Pick<Terms, "measures" | "match" | "entriesMax" | "events" | "release" | "shardPeople">,
  people: { readonly sender: number; readonly receiver: number },
): string | undefined {
  const { measures, release } = terms;
  if (measures.length > MEASURES_MAX) return `at most ${MEASURES_MAX} measures`;
  const itemsEach = itemsPerPerson(terms);
  const items = { sender: people.sender * itemsEach, receiver: people.receiver * itemsEach };
  if (Math.max(items.sender, items.receiver) > PEOPLE_MAX)
    return `at most ${Math.floor(PEOPLE_MAX / itemsEach)} people a side`;
  if (shardSizes(items.sender, items.receiver, terms.shardPeople).shards > SHARDS_MAX)
    return `more than ${SHARDS_MAX} shards: take more people a shard`;
  const matched = BigInt(Math.min(people.sender, people.receiver) * sensitivityOf(terms));
  const limit = release.mode === "exact" ? SUM_LIMIT : SUM_LIMIT / NOISE_ROOM;
  for (const { name, low, high, squares } of measures) {
    const each = perPerson(low, high);
    const bound = largest(low, high);
    if ((each.high - each.low) * matched >= limit)
      return `narrow the clip bounds of ${quoted(name)}: its sum could reach 2^62`;
    if (squares && bound * bound * matched >= limit)
      return `narrow the clip bounds of ${quoted(name)} or leave out its variance: its sum of squares could reach 2^62`;
  }
  return undefined;
}

/** The largest amount that one person counts for, whatever its sign. */
function largest(low: bigint, high: bigint): bigint {
  return -low > high ? -low : high;
}

/** What one person adds to a sum, where not everybody adds something. */
function perPerson(low: bigint, high: bigint): { low: bigint; high: bigint } {
  return { low: low < 0n ? low : 0n, high: high > 0n ? high : 0n };
}

/** What no number of an honest session exceeds, noise aside, for so many people (section 13.3). */
export function limitsOf(
  { match, entriesMax, events, measures }: Pick<Terms, "match" | "entriesMax" | "events" | "measures">,
  people: { readonly sender: number; readonly receiver: number },
): Limits {
  const { sender, receiver } = people;
  return {
    keys: BigInt(match.length),
    peopleMax: BigInt(match.length * Math.min(sender, receiver)),
    baseMax: BigInt(entriesMax * Math.max(sender, receiver)),
    measures: measures.map(({ low, high }) => perPerson(low, high)),
    sumsFollowPeople: events === undefined,
  };
}

/** Cells padded to a power of two. Errors: `refused`, for more than the wire allows. */
export function paddedCells(cells: number): number {
  const padded = 2 ** Math.ceil(Math.log2(Math.max(1, cells)));
  if (padded <= CELLS_MAX) return padded;
  throw new ProtocolError("refused", `more than ${CELLS_MAX} cells: group by fewer or coarser columns`);
}
