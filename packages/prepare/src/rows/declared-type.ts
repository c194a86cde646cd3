// A column of text in the type that its owner declares for it.
import { hasOffset, type TypeOfColumn } from "../dataset/schema.ts";
import { literal } from "../engine/sql.ts";
import { clockTime, formatted } from "./dates.ts";

const SQL_TYPES: Readonly<Record<string, string>> = {
  text: "VARCHAR",
  integer: "BIGINT",
  double: "DOUBLE",
  boolean: "BOOLEAN",
};

/** SQL for a text, trimmed, in its declared type, another than text; NULL where it is not of that type. */
export function readAs(text: string, declared: TypeOfColumn, zone: string): string {
  const { type } = declared;
  if (type === "timestamp") return clockTimeOf(text, declared, zone);
  if (type === "date") return `${clockTimeOf(text, declared, zone)}::date`;
  const cast = `try_cast(${text} as ${SQL_TYPES[type] ?? type})`;
  const pattern = textOfType(type);
  return pattern === undefined
    ? cast
    : `case when regexp_full_match(${text}, ${literal(pattern)}) then ${cast} end`;
}

/** A declared date or time, as clocks of the zone show it. */
function clockTimeOf(text: string, { formats }: TypeOfColumn, zone: string): string {
  if (formats.length === 0) return clockTime(text, zone);
  const read = formatted(text, formats);
  return hasOffset(formats) ? `timezone(${literal(zone)}, ${read})` : read;
}

/** SQL for what a month, a week or a moment is taken from in a text of a declared date or time: it keeps its offset. */
export function datedText(text: string, { formats }: TypeOfColumn): string {
  return formats.length === 0 ? text : formatted(text, formats);
}

/** Whether the column holds dates or times, by its declaration. */
export function holdsDates(declared: TypeOfColumn | undefined): declared is TypeOfColumn {
  return declared?.type === "date" || declared?.type === "timestamp";
}

/** Of a declared type, whether a text is of it; a number that would have to be rounded is not. */
const TEXTS: Readonly<Record<string, string>> = {
  integer: "[+-]?[0-9]+([.]0*)?",
};

function textOfType(type: string): string | undefined {
  const decimals = /^decimal\(\d+,(\d+)\)$/.exec(type)?.[1];
  if (decimals === undefined) return TEXTS[type];
  return `[+-]?([0-9]+([.][0-9]{0,${decimals}}0*)?|[.][0-9]{1,${Math.max(1, Number(decimals))}}0*)`;
}
