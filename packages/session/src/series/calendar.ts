// When the runs of a series are due (protocol-spec.md, section 8.7): local times of a time zone, by rules of its own, so that both sides come
// to the same moments. No clock: everything follows from the schedule.

/** How often a series runs, and when. */
export interface Calendar {
  readonly every: "day" | "week" | "month";
  /** Every week: 1 is Monday, 7 is Sunday. Every month: its day, or the last one where it has fewer. Every day: 0. */
  readonly on: number;
  /** Local time, HH:MM. */
  readonly at: string;
  /** IANA name. */
  readonly timezone: string;
  /** The first day on which it may run, YYYY-MM-DD. */
  readonly from: string;
}

/** What becomes of runs that could not begin when they were due. */
export interface Lateness {
  /** `late`: they begin later, in order. `tell`: they are missed once the next one is due. */
  readonly missed: "late" | "tell";
  /** For so long after it was due a run may begin. */
  readonly lateSeconds: number;
}

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;

/** When run `number`, from 1, is due, in milliseconds since 1970. */
export function dueAt(calendar: Calendar, number: number): number {
  return momentOf(localDue(calendar, number), calendar.timezone);
}

/** Until when it may begin, in milliseconds since 1970. */
export function lastMoment(schedule: Calendar & Lateness, number: number): number {
  const late = dueAt(schedule, number) + schedule.lateSeconds * 1000;
  return schedule.missed === "late" ? late : Math.min(late, dueAt(schedule, number + 1));
}

/** Local date and time of run `number`, as the milliseconds that they would be in UTC. */
export function localDue(calendar: Calendar, number: number): number {
  const [hours, minutes] = calendar.at.split(":").map(Number) as [number, number];
  return dayOf(calendar, number - 1) + (hours * 60 + minutes) * 60_000;
}

/** Midnight of the day of a run, counted from 0, as if it were UTC. */
function dayOf({ every, on, from }: Calendar, index: number): number {
  const first = Date.parse(`${from}T00:00:00Z`);
  if (every === "day") return first + index * DAY_MS;
  if (every === "week") {
    const weekday = new Date(first).getUTCDay() || WEEK_DAYS;
    return first + (((on - weekday + WEEK_DAYS) % WEEK_DAYS) + index * WEEK_DAYS) * DAY_MS;
  }
  const start = new Date(first);
  const inMonth = (months: number) => dayOfMonth(start.getUTCFullYear(), start.getUTCMonth() + months, on);
  return inMonth(index + (inMonth(0) < first ? 1 : 0));
}

/** Its last day where the month is shorter. */
function dayOfMonth(year: number, month: number, day: number): number {
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(day, last));
}

/** What clocks of the zone show at a moment, as the milliseconds that it would be in UTC. */
export function localTime(moment: number, timezone: string): number {
  return moment + offsetAt(moment, timezone);
}

/** `amount` units before a local date and time; a month before the 31st is the last day of a shorter month. */
export function localBefore(local: number, amount: number, unit: "hour" | "day" | "week" | "month"): number {
  if (unit === "hour") return local - amount * 3_600_000;
  if (unit === "day") return local - amount * DAY_MS;
  if (unit === "week") return local - amount * WEEK_DAYS * DAY_MS;
  const date = new Date(local);
  const day = dayOfMonth(date.getUTCFullYear(), date.getUTCMonth() - amount, date.getUTCDate());
  return day + (local % DAY_MS);
}

/**
 * The moment at which clocks of the zone show a local time. Of two such moments, where clocks go back, the first; a time that clocks leave
 * out is as much later as they go forward.
 */
function momentOf(local: number, timezone: string): number {
  const before = offsetAt(local - DAY_MS, timezone);
  const after = offsetAt(local + DAY_MS, timezone);
  const moments = [local - before, local - after].filter(
    (moment) => moment + offsetAt(moment, timezone) === local,
  );
  return moments.length === 0 ? local - before : Math.min(...moments);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** By how much the zone's clocks are ahead of UTC, in milliseconds. */
function offsetAt(moment: number, timezone: string): number {
  let format = formats.get(timezone);
  if (format === undefined) {
    const digits = "2-digit";
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: timezone,
      hourCycle: "h23",
      year: "numeric",
      month: digits,
      day: digits,
      hour: digits,
      minute: digits,
      second: digits,
    });
    formats.set(timezone, format);
  }
  const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  const [year, month, day, hour, minute, second] = (
    ["year", "month", "day", "hour", "minute", "second"] as const
  ).map((part) => parts.get(part)!) as [number, number, number, number, number, number];
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(moment / 1000) * 1000;
}

/** Whether it is a zone of the IANA list that this machine knows. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
