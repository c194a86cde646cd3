// Dates in a filter that are relative to a run: `bought_at >= {7 days before run} AND bought_at < {run}`. In a series they are times of the run's
// slot, in the series' time zone: a run that begins late, or a clock that is off, changes nothing of what it is about. A dataset's own filter
// may have them too; for a session that is no run they are relative to when it was asked for, on clocks of the dataset's zone.
import {
  localBefore,
  localDue,
  localTime,
  runOf,
  scheduleOf,
  toHex,
  type Schedule,
  type Terms,
} from "@halfroom/session";
import type { Dataset } from "@halfroom/prepare";
import type { NodeState } from "../node-state.ts";

const RELATIVE = /\{\s*(?:(\d{1,4})\s+(hour|day|week|month)s?\s+before\s+)?run\s*\}/gi;
/** What somebody meant so and did not write so. */
const ALMOST = /\{[^{}'"]*\brun\b[^{}]*\}/i;
const ZONE_DEFAULT = "UTC";

export function hasRelativeDates(where: string): boolean {
  return where.search(RELATIVE) !== -1;
}

/** Whether something in braces speaks of a run and is no relative date. */
export function hasUnreadDates(where: string): boolean {
  return ALMOST.test(where.replace(RELATIVE, ""));
}

/** The filter of run `number`: each relative date as a timestamp without a zone, the local time of the series' zone. */
export function filterOfRun(
  where: string | undefined,
  schedule: Schedule,
  number: number,
): string | undefined {
  return where === undefined ? undefined : filterAt(where, localDue(schedule, number));
}

/** A dataset's own filter for a session of these terms, which was asked for at `askedAt`; of a series as its first run would have it. */
export function datasetOf(
  { series }: Pick<NodeState, "series">,
  dataset: Dataset,
  terms: Terms,
  askedAt: number,
): Dataset {
  const [schedule, run] = [scheduleOf(terms), runOf(terms)];
  const known = run && series.get(toHex(run.id))?.agreement.terms.series;
  if (schedule !== undefined) return datedAt(dataset, localDue(schedule, 1));
  return run === undefined || known === undefined
    ? datasetAt(dataset, askedAt)
    : datedAt(dataset, localDue(known, run.number));
}

/** The same without a series. `at`: milliseconds since 1970. */
export function datasetAt(dataset: Dataset, at: number): Dataset {
  return datedAt(dataset, localTime(at, dataset.zone ?? ZONE_DEFAULT));
}

function datedAt(dataset: Dataset, local: number): Dataset {
  const { where } = dataset;
  return where === undefined ? dataset : { ...dataset, where: filterAt(where, local) };
}

/** `local`: what `{run}` stands for, as the milliseconds that it would be in UTC. */
function filterAt(where: string, local: number): string {
  return where.replace(RELATIVE, (_, amount: string | undefined, unit: string | undefined) => {
    const moment =
      amount === undefined
        ? local
        : localBefore(local, Number(amount), unit!.toLowerCase() as "hour" | "day" | "week" | "month");
    return `TIMESTAMP '${new Date(moment).toISOString().slice(0, 19).replace("T", " ")}'`;
  });
}
