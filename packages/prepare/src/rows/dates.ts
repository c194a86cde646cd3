// Dates and times in texts: clock times of the dataset's zone (UTC unless it names one), and moments, which an offset fixes. Only forms
// that say by themselves what they mean are read (ISO 8601 and SQL, with a year of four digits), and those that the dataset declares.
import { literal } from "../engine/sql.ts";
import type { Reasons } from "./faults.ts";

const DAY = String.raw`\d{4}[-/]\d{1,2}[-/]\d{1,2}`;
const MINUTES = String.raw`\d{1,2}:\d{2}`;
const SECONDS = String.raw`:\d{2}(?:[.]\d+)?`;
/** UTC or a difference to it, behind which Java writes the zone's name too. */
const OFFSET = String.raw`(Z|UTC|GMT|[+-]\d{2}(?::?\d{2}){0,2})(?:\[[\w/+-]+\])?`;

const CLOCK_TIME = literal(`${DAY}(?:[ T]${MINUTES}(?:${SECONDS})?)?`);
const MOMENT = literal(`^(${DAY})[ T](${MINUTES})(${SECONDS})? ?${OFFSET}$`);

/** SQL for a text that says how it differs from UTC, as TIMESTAMPTZ; else NULL. */
function withOffset(text: string): string {
  const part = (group: number) => `regexp_extract(${text}, ${MOMENT}, ${group})`;
  const seconds = `coalesce(nullif(${part(3)}, ''), ':00')`;
  const offset = `case when ${part(4)} in ('Z', 'UTC', 'GMT') then '+00' else ${part(4)} end`;
  return `try_cast(nullif(${part(1)} || ' ' || ${part(2)} || ${seconds} || ${offset}, ' :00') as timestamptz)`;
}

/** SQL for a text without one, as TIMESTAMP; else NULL. */
function withoutOffset(text: string): string {
  return `case when regexp_full_match(${text}, ${CLOCK_TIME}) then try_cast(${text} as timestamp) end`;
}

/** SQL for the date and time on a clock of the zone, TIMESTAMP; NULL for a text that is neither. */
export function clockTime(text: string, zone: string): string {
  return `coalesce(${withoutOffset(text)}, timezone(${literal(zone)}, ${withOffset(text)}))`;
}

/**
 * SQL for the moment that a text means, TIMESTAMPTZ; NULL for one that is none, or a clock time that the zone had twice or never, as
 * when summer time ends or begins.
 */
export function instant(text: string, zone: string): string {
  return `coalesce(${withOffset(text)}, ${onlyMoment(withoutOffset(text), zone)})`;
}

/** Clocks are put forward and back by an hour, on Lord Howe Island by half of one. */
const STEPS = ["interval 30 minutes", "interval 1 hour"];

function onlyMoment(clock: string, zone: string): string {
  const name = literal(zone);
  const moment = `timezone(${name}, ${clock})`;
  if (zone === "UTC") return moment;
  const others = STEPS.flatMap((step) => [`${moment} + ${step}`, `${moment} - ${step}`]);
  const again = others.map((other) => `timezone(${name}, ${other}) = ${clock}`).join(" or ");
  return `case when timezone(${name}, ${moment}) = ${clock} and not (${again}) then ${moment} end`;
}

/** A year of fewer digits is one that was cut, which the engine takes for one of antiquity. */
const YEAR_LEAST = 1000;

/**
 * SQL for a text in one of the declared formats (of strptime, all or none with an offset): TIMESTAMP, or with an offset TIMESTAMPTZ. NULL
 * for a text that fits none, or several that disagree.
 */
export function formatted(text: string, formats: readonly string[]): string {
  const readings = formats.map((format) => `try_strptime(${text}, ${literal(format)})`);
  const [first = "null"] = readings;
  const agreed =
    readings.length === 1
      ? first
      : `case when len(list_distinct([${readings.join(", ")}])) = 1 then coalesce(${readings.join(", ")}) end`;
  return `case when year(${agreed}) >= ${YEAR_LEAST} then ${agreed} end`;
}

/** Forms of dates that are met in exports and not read by themselves, what they are called, and the remedy. */
const FORMS: readonly (readonly [pattern: string, words: string | undefined])[] = [
  // A year before Christ, which no other way of writing makes a date.
  [String.raw`.* \(?BC\)?`, undefined],
  [String.raw`\d{1,2}[./-]\d{1,2}[./-]\d{4}\b.*`, "day or month first; declare its format"],
  [String.raw`\d{1,2}[./-]\d{1,2}[./-]\d{2}(?:\D.*)?`, "a year of two digits; declare its format"],
  [String.raw`\d{8}`, "eight digits; declare its format"],
  [String.raw`\d{9,}(?:[.]\d+)?`, "a number; make a time of it with an expression"],
  [String.raw`${DAY}[ T]\d{1,2}:.*[A-Za-z].*`, "a zone's name; write its offset"],
  [String.raw`.*[A-Za-z]{3}.*\d{2}.*`, "a month in letters; declare its format"],
];

const FORMAT_REMEDY =
  "For example --type COLUMN=date:format=%d.%m.%Y (type and format of a column in a definition).";

/** SQL for the number of the reason why a text is no date: `what`, with the form if it is one of those that exports often have. */
export function dateFault(text: string, what: string, reasons: Reasons): string {
  const whens = FORMS.map(([pattern, words]) => {
    const remedy = words?.includes("format") === true ? FORMAT_REMEDY : undefined;
    const reason = reasons.numberOf(words === undefined ? what : `${what}: ${words}`, remedy);
    return `when regexp_full_match(${text}, ${literal(pattern)}) then ${reason}`;
  });
  return `case ${whens.join(" ")} else ${reasons.numberOf(what)} end`;
}

/** SQL for the number of the reason why a text is no moment. */
export function momentFault(text: string, zone: string, what: string, reasons: Reasons): string {
  const fault = dateFault(text, what, reasons);
  if (zone === "UTC") return fault;
  const uncertain = reasons.numberOf(`time: clocks in ${zone} showed it twice or never; write its offset`);
  const inRange = `year(${withoutOffset(text)}) between 1970 and 2105`;
  return `case when ${inRange} then ${uncertain} else ${fault} end`;
}
