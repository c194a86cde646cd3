// What a report is about, and what became of this side's own data, as short lines of label and text.
import { formatDecimal, group } from "../decimal.ts";
import { named, quoted } from "@halfroom/wire/words";
import type { OwnData, ReleasedMeasure, ReleasedReport, ReportOrigin } from "../released.ts";
import { listText, shareText } from "./words.ts";

export interface Fact {
  readonly label: string;
  readonly text: string;
}

const DAY_SECONDS = 86_400;

/** Where a report comes from. */
export function originOf(origin: ReportOrigin | undefined): Fact[] {
  if (origin === undefined) return [];
  return [
    { label: "Partner", text: named(origin.partner) },
    { label: "Made", text: moment(origin.made) },
    { label: "Session", text: named(origin.session) },
  ];
}

/** Partner, session, datasets, keys, columns with their bounds, events and entries. */
export function factsOf({ origin, agreed, measures, role }: ReleasedReport): Fact[] {
  const { datasets, match, entries, events } = agreed;
  return [
    ...originOf(origin),
    { label: "Datasets", text: `ours ${named(datasets.own)}, the partner's ${named(datasets.partner)}` },
    { label: "People found by", text: listText(match.map(named), "or") },
    ...measures.map((measure) => ({ label: named(measure.name), text: boundsText(measure) })),
    ...(events === undefined ? [] : [{ label: "Events", text: eventsText(events, entries) }]),
    ...(events === undefined && entries > 1
      ? [{ label: "Cells of one person", text: `up to ${group(entries)} of each table` }]
      : []),
    {
      label: "Roles",
      text: `we were the ${role}, ${role === "receiver" ? "whose" : "the partner's"} columns form the cells`,
    },
  ];
}

function boundsText({ low, high, decimals }: ReleasedMeasure): string {
  return `one person adds ${rangeOf({ low, high, decimals })}`;
}

function rangeOf({ low, high, decimals }: Pick<ReleasedMeasure, "low" | "high" | "decimals">): string {
  return `${group(formatDecimal(low, decimals))} to ${group(formatDecimal(high, decimals))}`;
}

function eventsText(
  { perPerson, windowSeconds }: NonNullable<ReleasedReport["agreed"]["events"]>,
  entries: number,
): string {
  const touches = entries === 1 ? "one touch" : `up to ${group(entries)} touches`;
  const window =
    windowSeconds === 0 ? "at any time after a touch" : `within ${durationText(windowSeconds)} after a touch`;
  return `up to ${group(perPerson)} of a person with ${touches}; an event counts ${window}`;
}

function durationText(seconds: number): string {
  const days = seconds / DAY_SECONDS;
  if (!Number.isInteger(days)) return `${group(seconds)} seconds`;
  return days === 1 ? "one day" : `${group(days)} days`;
}

/** 2026-01-31 12:00 UTC. */
function moment(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** Rows and people, the filter, what was dropped and why, who was clipped. */
export function dataOf(own: OwnData | undefined, measures: readonly ReleasedMeasure[]): Fact[] {
  if (own === undefined) return [];
  const { where, rows, people, optedOut, merged, filtered, clipped, period } = own;
  const lines = [
    `${group(rows)} rows`,
    `${group(people)} people`,
    ...(merged > 0 ? [`${group(merged)} rows more of the same people`] : []),
    ...(filtered > 0 ? [`${group(filtered)} rows left out by filters`] : []),
    ...(optedOut > 0 ? [`${group(optedOut)} people who opted out`] : []),
  ];
  return [
    { label: "Our rows", text: lines.join(", ") },
    { label: "Dropped", text: droppedText(own) },
    ...(where === undefined ? [] : [{ label: "Our filter", text: quoted(where) }]),
    ...(period === undefined
      ? []
      : [{ label: "Our period", text: `${moment(period.from)} to ${moment(period.to)}` }]),
    ...(clipped ?? []).map(({ measure, people: outside }) => ({
      label: `${named(measure)} clipped`,
      text: `${group(outside)} of our people (${shareText(outside, people)}) lay outside of ${boundsOf(measure, measures)}`,
    })),
  ];
}

function boundsOf(name: string, measures: readonly ReleasedMeasure[]): string {
  const measure = measures.find((each) => each.name === name);
  return measure === undefined ? "the agreed bounds" : rangeOf(measure);
}

function droppedText({ dropped, rows }: OwnData): string {
  const all = droppedRows(dropped);
  if (all === 0) return "no row";
  const reasons = dropped
    .filter((each) => each.rows > 0)
    .map((each) => `${named(each.reason)} ${group(each.rows)}`);
  return `${all === 1 ? "one row" : `${group(all)} rows`} (${shareText(all, rows)}): ${reasons.join("; ")}`;
}

export function droppedRows(dropped: OwnData["dropped"]): number {
  return dropped.reduce((sum, { rows }) => sum + rows, 0);
}
