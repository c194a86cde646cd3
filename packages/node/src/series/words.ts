// A series in words: when it runs, what all its runs together reveal and cost. By them a person decides once for all of them.
import { dueAt, type Schedule, type Terms } from "@halfroom/session";
import { formatEpsilon } from "../policy/evaluate.ts";

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const LAST_DAY = 31;

/** "52 runs, every Monday at 06:00 (Europe/Berlin), the first on 2027-01-04" */
export function scheduleWords(schedule: Schedule): string {
  const { runs, at, timezone } = schedule;
  const first = new Date(dueAt(schedule, 1)).toISOString().slice(0, 16).replace("T", " ");
  return `${runs} runs, every ${dayWords(schedule)} at ${at} (${timezone}), the first at ${first} UTC`;
}

function dayWords({ every, on }: Schedule): string {
  if (every === "day") return "day";
  if (every === "week") return WEEKDAYS[on - 1]!;
  if (on === LAST_DAY) return "month on its last day";
  return on <= 28 ? `month on day ${on}` : `month on day ${on}, or its last day`;
}

function spanWords(seconds: number): string {
  const days = seconds / 86_400;
  if (Number.isInteger(days)) return days === 1 ? "1 day" : `${days} days`;
  return `${Math.round((seconds / 3600) * 10) / 10} hours`;
}

/** Sentences of a disclosure. */
export function seriesWords(terms: Terms, schedule: Schedule): string[] {
  const { runs, missed, lateSeconds, numbers } = schedule;
  const span = spanWords(lateSeconds);
  const late =
    missed === "late"
      ? `A run that cannot begin when it is due begins later, in order, within ${span}; after that it is missed.`
      : `A run that cannot begin within ${span}, or before the next one is due, is missed.`;
  return [
    `This is a series: ${scheduleWords(schedule)}. Each run is a report of its own with the terms above and the data of its day.`,
    "Nobody is asked again: only data changes from run to run. A policy that becomes stricter stops its runs, and either side ends it at any time.",
    late,
    `A run opens at most ${numbers} numbers.`,
    ...togetherWords(terms, runs),
  ];
}

/** What many runs say that one does not. */
function togetherWords({ release }: Terms, runs: number): string[] {
  if (release.mode === "exact")
    return [
      "Two exact runs say more together than each: what is different between them shows what the people added whom only one of them has, and of few such people what each did. Every run counts as an exact report of its period.",
    ];
  return [
    `A person who is in every run is counted ${runs} times: the runs together say up to epsilon ${formatEpsilon(runs * release.microEpsilon)} of them, and the average of numbers that stay alike is ${Math.round(Math.sqrt(runs) * 10) / 10} times as sharp as each.`,
  ];
}
