import { parseReport, trendOf, type Trend } from "@halfroom/report";
import type { ReleaseRule, ReportKind, Schedule } from "@halfroom/session";
import { OperatorError } from "../errors.ts";
import type { NodeState } from "../node-state.ts";
import { partnerOf } from "../series/partner-of.ts";
import { endSeries as end } from "../series/end.ts";
import { whyWords } from "../series/why-words.ts";
import type { RunState, SeriesRow } from "../series/row.ts";
import { scheduleWords } from "../series/words.ts";
import { datasetsOf, newPeopleIn, type OursAndTheirs } from "../sessions/row.ts";
import { withState, type HalfroomNode } from "./node.ts";

/** A series as this node keeps it. Moments are milliseconds since 1970, epsilons in millionths. */
export interface SeriesRecord {
  /** Short, for commands: as a rule the same on both sides. */
  readonly id: string;
  /** The series id in hex: the hash of what both sides have signed. */
  readonly series: string;
  readonly partner: string;
  readonly initiatedBy: "us" | "partner";
  readonly report: ReportKind;
  /** Of reach that counts those alone who were in no earlier run. */
  readonly newPeople?: true;
  readonly datasets: OursAndTheirs;
  readonly schedule: Schedule;
  /** The same in words. */
  readonly words: string;
  readonly threshold: number;
  readonly release: ReleaseRule;
  /** This side's own filter, with its dates relative to a run. */
  readonly where?: string;
  readonly agreedAt: number;
  readonly state: "running" | "done" | "ended";
  readonly ended?: { readonly at: number; readonly by: "us" | "partner" };
  /** The next run that is to be made. */
  readonly next?: { readonly number: number; readonly dueAt: number };
  readonly counts: Readonly<Record<RunState, number>>;
  /** What all runs were to cost, and what of it is spent, still reserved, and free again; 0 for exact reports. */
  readonly budget: {
    readonly microEpsilon: number;
    readonly spent: number;
    readonly reserved: number;
    readonly returned: number;
  };
}

export interface SeriesRunRecord {
  /** From 1. */
  readonly number: number;
  readonly dueAt: number;
  readonly untilAt: number;
  /** open, taken (its budget is spent, and there is no report), done or missed. */
  readonly state: RunState;
  /** Of the session that spent its budget, in hex: by which the report is found. */
  readonly session?: string;
  /** Why it was missed, or why the last attempt at it failed: a code. */
  readonly why?: string;
  /** The same in words. */
  readonly words: string;
}

export interface SeriesContent extends SeriesRecord {
  readonly runs: readonly SeriesRunRecord[];
}

/** The series, newest first. */
export async function listSeries(node: HalfroomNode): Promise<SeriesRecord[]> {
  return await withState(node, (state) => state.series.list().map((row) => recordOf(state, row)));
}

/** A series, by its short id or the first digits of its hash, with all its runs. Rejects with OperatorError `no-series`. */
export async function readSeries(node: HalfroomNode, id: string): Promise<SeriesContent> {
  return await withState(node, (state) => contentOf(state, state.series.named(id)));
}

/**
 * Ends a series before its last run: what is reserved for it is free at once, and a serving node tells the partner. Rejects with OperatorError
 * `no-series`, `series-state` if it has ended already.
 */
export async function endSeries(node: HalfroomNode, id: string): Promise<SeriesContent> {
  return await withState(node, (state) => {
    const { id: series, name } = state.series.named(id);
    if (state.series.next(series) === undefined || !end(state, series, "us"))
      throw new OperatorError("series-state", `Series ${name} has no run to come: there is nothing to end.`);
    return contentOf(state, state.series.get(series)!);
  });
}

/** The numbers of all its reports, run by run. Rejects with OperatorError `no-series`. */
export async function readTrend(node: HalfroomNode, id: string): Promise<Trend> {
  return await withState(node, (state) => {
    const row = state.series.named(id);
    const runs = state.series.runs(row.id).map(({ number, dueAt, state: runState, session }) => {
      const json = session === undefined ? undefined : state.reports.get(session)?.json;
      return {
        number,
        dueAt,
        state: runState,
        session,
        report: json === undefined ? undefined : releasedIn(json),
      };
    });
    return trendOf(partnerOf(state, row)?.name ?? row.partner, row.name, runs);
  });
}

/** Undefined on a side without a result. */
function releasedIn(json: string) {
  const { result } = JSON.parse(json) as { readonly result?: string };
  return result === undefined ? parseReport(json).report : undefined;
}

/** As `recordOf`, with its runs. */
export function contentOf(state: NodeState, row: SeriesRow): SeriesContent {
  const runs = state.series.runs(row.id).map(({ number, dueAt, untilAt, state: runState, session, why }) => ({
    number,
    dueAt,
    untilAt,
    state: runState,
    ...(session !== undefined && { session }),
    ...(why !== undefined && { why }),
    words: whyWords(runState, why),
  }));
  return { ...recordOf(state, row), runs };
}

function recordOf(state: NodeState, row: SeriesRow): SeriesRecord {
  const { agreement, where, ended } = row;
  const { terms } = agreement;
  const { release, threshold, report, series: schedule } = terms;
  const next = state.series.next(row.id);
  const counts = countsOf(state, row);
  const each = release.mode === "exact" ? 0 : release.microEpsilon;
  return {
    id: row.name,
    series: row.id,
    partner: partnerOf(state, row)?.name ?? row.partner,
    initiatedBy: row.initiatedBy,
    report,
    ...newPeopleIn(terms),
    datasets: datasetsOf({ terms, role: row.role }),
    schedule,
    words: scheduleWords(schedule),
    threshold,
    release,
    ...(where !== undefined && { where }),
    agreedAt: row.agreedAt,
    state: ended !== undefined ? "ended" : next === undefined ? "done" : "running",
    ...(ended !== undefined && { ended }),
    ...(next !== undefined && { next: { number: next.number, dueAt: next.dueAt } }),
    counts,
    budget: {
      microEpsilon: each * schedule.runs,
      spent: each * (counts.done + counts.taken),
      reserved: each * counts.open,
      returned: each * counts.missed,
    },
  };
}

function countsOf({ series }: NodeState, { id }: SeriesRow): SeriesRecord["counts"] {
  const counts = { open: 0, taken: 0, done: 0, missed: 0 };
  for (const { state } of series.runs(id)) counts[state]++;
  return counts;
}
