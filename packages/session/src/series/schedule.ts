// The member `series` of terms (protocol-spec.md, section 8.7): the schedule that a series is asked for with, or which run of which
// series a session is.
import { z } from "zod";
import { hexField } from "../terms/fields.ts";
import { isTimezone } from "./calendar.ts";

/** Runs of one series. */
export const SERIES_RUNS_MAX = 366;
/** How late a run may begin, in seconds. */
export const LATE_SECONDS_MIN = 3600;
export const LATE_SECONDS_MAX = 31 * 86_400;
/** Numbers that a run may open. */
export const SERIES_NUMBERS_MAX = 10_000_000;
const TIMEZONE_LENGTH_MAX = 64;
const ON_MAX = { day: 0, week: 7, month: 31 } as const;

const isDate = (text: string) => {
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
};

export const scheduleField = z
  .strictObject({
    every: z.enum(["day", "week", "month"]),
    on: z.int().min(0).max(31),
    at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
    timezone: z.string().max(TIMEZONE_LENGTH_MAX).refine(isTimezone),
    from: z
      .string()
      .regex(/^20\d\d-\d\d-\d\d$/)
      .refine(isDate),
    runs: z.int().min(2).max(SERIES_RUNS_MAX),
    missed: z.enum(["late", "tell"]),
    lateSeconds: z.int().min(LATE_SECONDS_MIN).max(LATE_SECONDS_MAX),
    /** Most numbers that a run may open, padding included. */
    numbers: z.int().min(1).max(SERIES_NUMBERS_MAX),
  })
  .refine(({ every, on }) => on <= ON_MAX[every] && (every === "day" || on >= 1));

export const runField = z.strictObject({
  /** Of the series agreement. */
  id: hexField(32),
  /** From 1. */
  number: z.int().min(1).max(SERIES_RUNS_MAX),
});

export type Schedule = Readonly<z.output<typeof scheduleField>>;
/** One run of a series. */
export type RunOf = Readonly<z.output<typeof runField>>;

/** With a schedule the terms ask for a series and for no session. */
export function scheduleOf({
  series,
}: {
  readonly series?: Schedule | RunOf | undefined;
}): Schedule | undefined {
  return series !== undefined && "every" in series ? series : undefined;
}

export function runOf({ series }: { readonly series?: Schedule | RunOf | undefined }): RunOf | undefined {
  return series !== undefined && "number" in series ? series : undefined;
}
