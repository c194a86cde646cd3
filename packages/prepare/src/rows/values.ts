// What a value of the engine is as text, by its type: a whole number that a float holds is that number, whoever wrote it, a float
// that holds none is no identifier, and bytes are text in UTF-8.
import { faultMark } from "../identifiers/faults.ts";
import { literal, trimmed } from "../engine/sql.ts";
import { LOST_DIGITS, plainDigits } from "../sources/digits.ts";

/** An SQL expression and its type in the engine. */
export interface Value {
  readonly sql: string;
  readonly type: string;
  /** SQL for whether the row's value is a number although the type is text, for sources that have both in one column. */
  readonly isNumber?: string | undefined;
}

/** Every whole number below this is exact in a float of 64 or 32 bits. */
const WHOLE_MAX: Readonly<Record<string, string>> = { DOUBLE: "9007199254740992", FLOAT: "16777216" };

const isFloat = ({ type }: Value): boolean => Object.hasOwn(WHOLE_MAX, type);
export const isBytes = ({ type }: Value): boolean => type === "BLOB";

/** SQL for the text of bytes; NULL if they are not UTF-8. */
export function utf8(sql: string): string {
  return `try(decode(${sql}))`;
}

/** SQL for whether a float is a whole number that is certainly the one that was put into it. */
function isWhole(sql: string, max: string): string {
  return `(isfinite(${sql}) and ${sql} = trunc(${sql}) and abs(${sql}) < ${max})`;
}

function wholeDigits(sql: string): string {
  return `try_cast(${sql} as bigint)::varchar`;
}

/** SQL for the text that an identifier is made of, or the mark of its fault. */
export function identifierValue(value: Value, { hashed, maid }: { hashed: boolean; maid: boolean }): string {
  const { sql, type, isNumber } = value;
  if (isFloat(value)) return wholeOrMark(sql, WHOLE_MAX[type]!);
  if (type.startsWith("DECIMAL")) {
    const text = `regexp_replace(${sql}::varchar, '[.]0+$', '')`;
    return `case when contains(${text}, '.') then ${literal(faultMark("fraction"))} else ${text} end`;
  }
  if (isBytes(value)) {
    const bytes = hashed ? 32 : maid ? 16 : undefined;
    const text = `coalesce(${utf8(sql)}, ${literal(faultMark("bytes"))})`;
    const hex = bytes === undefined ? "" : `when octet_length(${sql}) = ${bytes} then hex(${sql})`;
    return `case when ${sql} is null then null ${hex} else ${text} end`;
  }
  if (type.endsWith("[]")) return `to_json(${sql})::varchar`;
  if (isNumber === undefined) return `${sql}::varchar`;
  const digits = `ltrim(${sql}, ${literal(LOST_DIGITS)})`;
  const number = wholeOrMark(`try_cast(${digits} as double)`, WHOLE_MAX["DOUBLE"]!);
  return `case when ${isNumber} and contains(${sql}, '.') then ${number} else ${sql} end`;
}

function wholeOrMark(sql: string, max: string): string {
  return `case when ${sql} is null or isnan(${sql}) then null when ${isWhole(sql, max)} then ${wholeDigits(sql)}
    when abs(${sql}) < ${max} then ${literal(faultMark("fraction"))} else ${literal(faultMark("imprecise"))} end`;
}

/** SQL for a number's or any other value's text, in which no number has an exponent; NULL for a float that is none (NaN). */
export function plainValue(value: Value): string {
  const { sql } = value;
  if (isFloat(value)) return `case when not isnan(${sql}) then ${plainDigits(`${sql}::varchar`)} end`;
  if (isBytes(value)) return utf8(sql);
  return `${sql}::varchar`;
}

/** SQL for a label: as the value stands, but whole numbers of floats are whole. `column`: whether it comes as the source has it. */
export function labelValue(value: Value, { column }: { column: boolean }): string {
  const { sql, type } = value;
  const plain = plainValue(value);
  if (isFloat(value))
    return `case when ${isWhole(sql, WHOLE_MAX[type]!)} then ${wholeDigits(sql)} else ${plain} end`;
  if (!column || !(type === "VARCHAR" || isBytes(value))) return `nullif(${plain}, '')`;
  const whole = `ends_with(${plain}, '.0') and regexp_full_match(${plain}, '-?(0|[1-9][0-9]{0,15})[.]0')`;
  return `nullif(case when ${whole} then left(${plain}, length(${plain}) - 2) else ${plain} end, '')`;
}

/** SQL for a text from which the words that mean NULL are gone. */
export function withoutWords(sql: string, words: readonly string[]): string {
  return `case when ${trimmed(sql)} in (${words.map(literal).join(", ")}) then null else ${sql} end`;
}
