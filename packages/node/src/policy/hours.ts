// Whether a moment is within a policy's hours, in the policy's time zone.

/** When a proposal may be accepted without asking a person. */
export interface Hours {
  /** 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[];
  /** Minutes since midnight, `from` included, `to` excluded. */
  readonly from: number;
  readonly to: number;
  /** IANA name. */
  readonly timezone: string;
}

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** `now` in milliseconds since 1970. */
export function isWithin({ days, from, to, timezone }: Hours, now: number): boolean {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  const day = WEEKDAYS.indexOf(parts.get("weekday")!) + 1;
  const minute = Number(parts.get("hour")) * 60 + Number(parts.get("minute"));
  return days.includes(day) && from <= minute && minute < to;
}
