// Measures: text to integers scaled by 10^decimals, exactly, in the engine's 128-bit integers.
import type { Plan } from "../dataset/request.ts";
import { literal } from "../engine/sql.ts";
import { LOST_DIGITS } from "../sources/ndjson.ts";
import type { Reasons } from "./faults.ts";

/** A row's value stays below 10^28, so that a thousand million rows add up to less than 2^127. */
const SCALED_DIGITS_MAX = 28;

const DECIMAL = literal(String.raw`[+-]?[0-9]+([.][0-9]+)?`);

type Measure = Plan["measures"][number];

/** SQL for the number of the reason why a trimmed text is not a value, or 0. */
export function measureFault(measure: Measure, text: string, reasons: Reasons): string {
  const { name, decimals } = measure;
  const reason = (what: string): number => reasons.numberOf(`${name}: ${what}`);
  const digits = `length(ltrim(regexp_replace(${scaledText(text, decimals)}, '[+-]', ''), '0'))`;
  return `case
    when ${text} is null or ${text} = '' then ${measure.null === "drop" ? reason("empty") : 0}
    when starts_with(${text}, ${literal(LOST_DIGITS)}) then ${reason("a JSON number of more than 15 digits")}
    when not regexp_full_match(${text}, ${DECIMAL}) then ${reason("not a decimal number")}
    when ltrim(substr(${fraction(text)}, ${decimals + 1}), '0') <> ''
      then ${reason(`more than ${decimals} decimals`)}
    when length(${text}) > ${SCALED_DIGITS_MAX - decimals} and ${digits} > ${SCALED_DIGITS_MAX} then ${reason("too large")}
    else 0 end`;
}

/** SQL for the scaled value, NULL where the text is empty. */
export function measureValue({ decimals }: Measure, text: string): string {
  return `try_cast(nullif(${scaledText(text, decimals)}, '') as hugeint)`;
}

function fraction(text: string): string {
  return `split_part(${text}, '.', 2)`;
}

function scaledText(text: string, decimals: number): string {
  const whole = `replace(split_part(${text}, '.', 1), '+', '')`;
  if (decimals === 0) return whole;
  return `case when ${text} = '' then '' else ${whole} || rpad(left(${fraction(text)}, ${decimals}), ${decimals}, '0') end`;
}
