// Dates in a filter that are relative to a run of a series: `bought_at >= {7 days before run} AND bought_at < {run}`. They are times of the run's
// slot, in the series' time zone: a run that begins late, or a clock that is off, changes nothing of what it is about.
import { localBefore, localDue, type Schedule } from "@halfroom/session";

const RELATIVE = /\{\s*(?:(\d{1,4})\s+(hour|day|week|month)s?\s+before\s+)?run\s*\}/gi;
/** What somebody meant so and did not write so. */
const ALMOST = /\{[^{}'"]*\brun\b[^{}]*\}/i;

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
  const due = localDue(schedule, number);
  return where?.replace(RELATIVE, (_, amount: string | undefined, unit: string | undefined) => {
    const local =
      amount === undefined
        ? due
        : localBefore(due, Number(amount), unit!.toLowerCase() as "hour" | "day" | "week" | "month");
    return `TIMESTAMP '${new Date(local).toISOString().slice(0, 19).replace("T", " ")}'`;
  });
}
