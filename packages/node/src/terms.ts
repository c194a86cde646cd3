// The terms of a report: their canonical record, and what cannot be computed at all.
import { CELLS_MAX, MEASURES_MAX, PEOPLE_MAX, ProtocolError } from "@halfroom/wire";
import type { PreparedReceiver, PreparedSender } from "@halfroom/prepare";
import type { Measure, ReleaseRule, ReportTerms } from "./half.types.ts";

/** No cell of fewer people is ever released, whatever a policy says (design section 4). */
export const THRESHOLD_FLOOR = 11;

/** An exact report of people and sums, found by e-mail address: what two halves ask for without nodes. */
export function exactSums(
  asked: Pick<ReportTerms, "measures" | "threshold" | "otK"> & { readonly groupBy: readonly string[] },
): ReportTerms {
  const { measures, groupBy, threshold, otK } = asked;
  return {
    report: "sums",
    match: [{ key: "email", label: "email/iab-1" }],
    measures,
    senderGroupBy: [],
    partitions: [groupBy],
    entriesMax: 1,
    events: undefined,
    arms: undefined,
    threshold,
    release: { mode: "exact" },
    totals: false,
    rules: "standard",
    resultTo: "both",
    otK,
  };
}

/** The terms as a plain record in canonical order; part of every agreement. */
export function reportRecord(terms: ReportTerms): Record<string, unknown> {
  const { report, match, senderGroupBy, partitions, entriesMax, events, arms } = terms;
  const { threshold, release, totals, rules, resultTo, otK } = terms;
  return {
    report,
    match: match.map(({ key, label }) => ({ key, label })),
    measures: terms.measures.map(measureRecord),
    senderGroupBy,
    partitions,
    entriesMax,
    events:
      events === undefined ? null : { perPerson: events.perPerson, windowSeconds: events.windowSeconds },
    arms: arms === undefined ? null : { column: arms.column, test: arms.test, control: arms.control },
    threshold,
    release: releaseRecord(release),
    totals,
    rules,
    resultTo,
    otK,
  };
}

function measureRecord({ name, low, high, decimals, squares }: Measure): Record<string, unknown> {
  return { name, low: low.toString(), high: high.toString(), decimals, squares: squares === true };
}

function releaseRecord(release: ReleaseRule): Record<string, unknown> {
  if (release.mode === "exact") return { mode: "exact" };
  const { mode, mechanism, microEpsilon, deltaExponent, weights } = release;
  return {
    mode,
    mechanism,
    microEpsilon,
    deltaExponent,
    weights: { people: weights.people, measures: weights.measures },
  };
}

/** UTF-8 of the record's JSON. Two halves compare the bytes; nobody parses the partner's. */
export function encodeTerms(terms: ReportTerms): Uint8Array {
  return Buffer.from(JSON.stringify(reportRecord(terms)), "utf8");
}

/** Items of one person: one for each non-empty set of the match keys (design 2.1). */
export function itemsPerPerson({ match }: Pick<ReportTerms, "match">): number {
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
}: Pick<ReportTerms, "match" | "entriesMax" | "events">): number {
  return match.length * (events === undefined ? entriesMax : 1);
}

/** People that a number must stand for to be released: the agreed threshold for each match key. */
export function peopleBound({ threshold, match }: Pick<ReportTerms, "threshold" | "match">): number {
  return threshold * match.length;
}

/** Sums stay below this, so that a share's sign is the sum's sign (design 2.1). */
const SUM_LIMIT = 1n << 62n;
/** Room for the noise of both sides: it exceeds this share of the limit with probability far below 2^-40. */
const NOISE_ROOM = 2n;

/** Why these terms cannot be computed for so many people, or undefined if they can. */
export function refusal(
  terms: Pick<ReportTerms, "measures" | "match" | "entriesMax" | "events" | "release">,
  people: { sender: number; receiver: number },
): string | undefined {
  const { measures, release } = terms;
  if (measures.length > MEASURES_MAX) return `at most ${MEASURES_MAX} measures`;
  const items = Math.max(people.sender, people.receiver) * itemsPerPerson(terms);
  if (items > PEOPLE_MAX) return `at most ${Math.floor(PEOPLE_MAX / itemsPerPerson(terms))} people a side`;
  const matched = BigInt(Math.min(people.sender, people.receiver) * sensitivityOf(terms));
  const limit = release.mode === "exact" ? SUM_LIMIT : SUM_LIMIT / NOISE_ROOM;
  for (const { name, low, high, squares } of measures) {
    const bound = largest(low, high);
    if (bound * matched >= limit) return `narrow the clip bounds of "${name}": its sum could reach 2^62`;
    if (squares === true && bound * bound * matched >= limit)
      return `narrow the clip bounds of "${name}" or leave out its variance: its sum of squares could reach 2^62`;
  }
  return undefined;
}

/** The largest amount that one person counts for, whatever its sign. */
function largest(low: bigint, high: bigint): bigint {
  return -low > high ? -low : high;
}

/** Cells padded to a power of two; refuses more than the wire allows. */
export function paddedCells(cells: number): number {
  const padded = 2 ** Math.ceil(Math.log2(Math.max(1, cells)));
  if (padded <= CELLS_MAX) return padded;
  throw new ProtocolError("refused", `more than ${CELLS_MAX} cells: group by fewer or coarser columns`);
}

/** What the sender says of its shape: its number of categories. */
export function senderShape({ categoryLabels }: Pick<PreparedSender, "categoryLabels">): number[] {
  return [Math.max(1, categoryLabels.length)];
}

/** What the receiver says of its shape: the cells of each partition, with a spare one where a person may lack an entry. */
export function receiverShape(
  { partitions }: Pick<PreparedReceiver, "partitions">,
  { entriesMax }: Pick<ReportTerms, "entriesMax">,
): number[] {
  const spare = entriesMax > 1 ? 1 : 0;
  return partitions.map(({ labels }) => paddedCells(labels.length + spare));
}
