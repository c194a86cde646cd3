// `series:` of a report request: when the report repeats, and what all its runs may cost.
import {
  isTimezone,
  LATE_SECONDS_MAX,
  LATE_SECONDS_MIN,
  SERIES_NUMBERS_MAX,
  SERIES_RUNS_MAX,
  type Schedule,
} from "@halfroom/session";
import { z } from "zod";
import { hasRelativeDates, hasUnreadDates } from "../series/relative-dates.ts";
import { EPSILON_MAX, isMillionths } from "./millionths.ts";

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
const LAST_DAY = 31;
const EPSILON_TOTAL_MAX = 10_000;
/** How late a run may begin where nothing is said. */
const LATE_DAYS = { day: 1, week: 3, month: 7 } as const;
const NUMBERS_DEFAULT = 500;
const UNIT_SECONDS = { hour: 3600, day: 86_400 } as const;

const on = `Write a day of the week, for example monday; for every month a day from 1 to ${LAST_DAY}, or last; nothing for every day.`;
const at = "Write a local time, for example 06:00.";
const from = "Write the first day on which it may run, for example 2027-01-04.";
const runs = `Write how many runs it has, 2 to ${SERIES_RUNS_MAX}.`;
const total = `Write the epsilon of all runs together, above 0 and at most ${EPSILON_TOTAL_MAX}, a whole number of millionths for each run.`;
const late =
  "Write for how long after its time a run may begin, from 1 hour to 31 days, for example 12 hours.";
const numbers = `Write how many numbers a run may open at most, padding included, 1 to ${SERIES_NUMBERS_MAX}.`;

const lateFor = z
  .string(late)
  .regex(/^\d{1,3} (hour|day)s?$/, late)
  .transform((text) => {
    const [amount, unit] = text.split(" ") as [string, string];
    return Number(amount) * UNIT_SECONDS[unit.replace(/s$/, "") as "hour" | "day"];
  })
  .refine((seconds) => seconds >= LATE_SECONDS_MIN && seconds <= LATE_SECONDS_MAX, late);

export const seriesFile = z
  .strictObject(
    {
      every: z.enum(["day", "week", "month"], "Write day, week or month."),
      on: z.union([z.enum(WEEKDAYS), z.literal("last"), z.int().min(1).max(LAST_DAY)], on).optional(),
      at: z.string(at).regex(/^([01]\d|2[0-3]):[0-5]\d$/, at),
      timezone: z
        .string("Write a time zone, for example Europe/Berlin.")
        .refine(isTimezone, "Write a time zone of the IANA list, for example Europe/Berlin or UTC.")
        .default("UTC"),
      from: z
        .string(from)
        .regex(/^20\d\d-\d\d-\d\d$/, from)
        .refine((text) => new Date(`${text}T00:00:00Z`).toString() !== "Invalid Date", from),
      runs: z.int(runs).min(2, runs).max(SERIES_RUNS_MAX, runs),
      epsilon_total: z.number(total).positive(total).max(EPSILON_TOTAL_MAX, total).optional(),
      missed: z.enum(["late", "tell"], "Write late or tell.").default("late"),
      late_for: lateFor.optional(),
      numbers: z.int(numbers).min(1, numbers).max(SERIES_NUMBERS_MAX, numbers).default(NUMBERS_DEFAULT),
    },
    "Write every, on, at, from and runs, for example { every: week, on: monday, at: 06:00, from: 2027-01-04, runs: 52 }.",
  )
  .superRefine(({ every, on: day, runs: count, epsilon_total: all }, context) => {
    const fits = every === "day" ? day === undefined : isDayOf(every, day);
    if (!fits) context.addIssue({ code: "custom", path: ["on"], message: on });
    const epsilon = all === undefined ? undefined : perRun(all, count);
    if (epsilon !== undefined && !(isMillionths(epsilon) && epsilon <= EPSILON_MAX))
      context.addIssue({ code: "custom", path: ["epsilon_total"], message: total });
  });
export type SeriesFile = z.infer<typeof seriesFile>;

type Day = SeriesFile["on"];

function isDayOf(every: "week" | "month", day: Day): boolean {
  if (day === undefined) return false;
  const isWeekday = (WEEKDAYS as readonly unknown[]).includes(day);
  return every === "week" ? isWeekday : !isWeekday;
}

/** Epsilon of one run; rounded to what is nearest if it is no whole number of millionths. */
function perRun(total: number, count: number): number {
  const millionths = Math.round(total * 1e6);
  return millionths % count === 0 ? millionths / count / 1e6 : Number.NaN;
}

/** Epsilon of each run, where the request says what all of them may cost. */
export function epsilonOfRun({ epsilon_total: all, runs: count }: SeriesFile): number | undefined {
  return all === undefined ? undefined : perRun(all, count);
}

export function scheduleIn(file: SeriesFile): Schedule {
  const { every, at: time, timezone, from: first, runs: count, missed, late_for: lateSeconds } = file;
  return {
    every,
    on: dayNumber(file.on),
    at: time,
    timezone,
    from: first,
    runs: count,
    missed,
    lateSeconds: lateSeconds ?? LATE_DAYS[every] * UNIT_SECONDS.day,
    numbers: file.numbers,
  };
}

function dayNumber(day: Day): number {
  if (day === undefined) return 0;
  if (day === "last") return LAST_DAY;
  return typeof day === "number" ? day : WEEKDAYS.indexOf(day) + 1;
}

/** What is wrong with the dates of a filter that are relative to a run: a fault and its remedy. */
export function datesFault(
  where: string | undefined,
  isSeries: boolean,
): readonly [fault: string, remedy: string] | undefined {
  if (where === undefined) return undefined;
  if (hasUnreadDates(where))
    return ["it has a date that cannot be read", "Write {run}, or for example {7 days before run}."];
  if (isSeries || !hasRelativeDates(where)) return undefined;
  return ["it has dates relative to a run", "Write `series`, or a date of its own."];
}
