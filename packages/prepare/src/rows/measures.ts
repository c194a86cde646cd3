// Measures: text to integers scaled by 10^decimals, exactly, in the engine's 128-bit integers.
import { numberFormatOf, type NumberFormat } from "../dataset/number-format.ts";
import type { Plan } from "../dataset/request.ts";
import { literal, trimmed } from "../engine/sql.ts";
import { NULL_WORD_REMEDY, NULL_WORDS_SQL } from "../identifiers/faults.ts";
import { LOST_DIGITS } from "../sources/digits.ts";
import type { Reasons } from "./faults.ts";
import { plainValue, type Value } from "./values.ts";

/** A row's value stays below 10^28, so that a thousand million rows add up to less than 2^127. */
const SCALED_DIGITS_MAX = 28;

const DECIMAL = literal(String.raw`[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)`);

/** What texts have that are no decimal numbers, in the order in which they are looked for: a pattern and the end of the reason. */
const FORMS = [
  [String.raw`[+-]?[0-9]*[.,]?[0-9]*[eE][+-]?[0-9]+`, "an exponent", "exponent"],
  [String.raw`(?i)[+-]?inf(inity)?`, "infinity", undefined],
  [String.raw`\(.*[0-9].*\)`, "brackets", "format"],
  [String.raw`.*[0-9].*-`, "a minus behind it", "format"],
  [
    String.raw`[^0-9]*[0-9][0-9.,'\s\x{a0}\x{202f}\x{2019}]*[,'\s\x{a0}\x{202f}\x{2019}][0-9.,'\s\x{a0}\x{202f}\x{2019}]*[0-9][^0-9]*`,
    "a comma, an apostrophe or a blank",
    "format",
  ],
  [
    String.raw`(\p{Sc}|\p{L}{1,4}) ?[+-]?[0-9.]+|[+-]?[0-9.]+ ?(\p{Sc}|\p{L}{1,4})`,
    "a currency's sign",
    "format",
  ],
] as const;

const ROUND = "round them (--measure NAME:round, round: true in a definition)";

type Measure = Plan["measures"][number];

/** SQL for a measure's value as text: a decimal number where it is one, NULL where there is none. */
export function measureText(measure: Measure, value: Value): string {
  const text = trimmed(plainValue(value));
  const plain =
    measure.format === undefined ? text : unformatted(text, numberFormatOf(measure.format)!, value);
  return measure.round ? rounded(plain, measure.decimals) : plain;
}

/** SQL for a text that is written as declared, as a plain number, or as a text that is none. */
function unformatted(
  text: string,
  { group, point, currency }: NumberFormat,
  { type, isNumber }: Value,
): string {
  if (type !== "VARCHAR") return text;
  const between =
    group === undefined
      ? undefined
      : group === " "
        ? "[ \\x{a0}\\x{202f}]"
        : group === "'"
          ? "['\\x{2019}]"
          : `[${group}]`;
  const whole = between === undefined ? "[0-9]+" : `([0-9]{1,3}(${between}[0-9]{3})+|[0-9]+)`;
  const digits = `(${whole}([${point}][0-9]*)?|[${point}][0-9]+)`;
  const sign =
    currency === undefined ? "" : `(${currency.replaceAll(/\p{Sc}/gu, "[$&]")}[ \\x{a0}\\x{202f}]?)?`;
  const behind =
    currency === undefined ? "" : `([ \\x{a0}\\x{202f}]?${currency.replaceAll(/\p{Sc}/gu, "[$&]")})?`;
  const body = `${sign}${digits}${behind}`;
  const pattern = literal(`[+-]?${body}|${sign}-${digits}|${body}-|\\(${body}\\)`);
  const ascii = `replace(${text}, chr(${0x2212}), '-')`;
  const kept = `regexp_replace(${ascii}, '[^0-9${point}]', '', 'g')`;
  const number = `replace(${kept}, '${point}', '.')`;
  const minus = `case when regexp_matches(${ascii}, '[-(]') then '-' else '' end`;
  const plain = `case when ${ascii} = '' then '' when regexp_full_match(${ascii}, ${pattern}) then ${minus} || ${number}
    when ${ascii} is not null then 'no number' end`;
  return isNumber === undefined ? plain : `case when ${isNumber} then ${text} else ${plain} end`;
}

/** SQL for a decimal number's text rounded to so many decimals, halves away from zero; other texts stay. */
function rounded(text: string, decimals: number): string {
  // Where a double is finer than the last decimal, digits that its writer could not tell apart do not matter.
  const digits = `ltrim(${text}, ${literal(LOST_DIGITS)})`;
  const fine = `abs(try_cast(${digits} as double)) < ${2 ** 53} / 1e${decimals}`;
  const known = `case when starts_with(${text}, ${literal(LOST_DIGITS)}) and ${fine} then ${digits} else ${text} end`;
  const cast = `coalesce(try_cast(${known} as decimal(38, ${decimals}))::varchar, ${known})`;
  return `case when regexp_full_match(${known}, ${DECIMAL}) then ${cast} else ${known} end`;
}

/** The reason for a number that the request's decimals cannot hold. */
export function tooFine({ name, decimals }: { name: string; decimals: number }): string {
  return `${name}: more than ${decimals} decimals`;
}

/** SQL for the number of the reason why a trimmed text is not a value, or 0. */
export function measureFault(measure: Measure, text: string, reasons: Reasons): string {
  const { name, decimals } = measure;
  const reason = (what: string, remedy?: string): number => reasons.numberOf(`${name}: ${what}`, remedy);
  const digits = `length(ltrim(regexp_replace(${scaledText(text, decimals)}, '[+-]', ''), '0'))`;
  return `case
    when ${text} is null or ${text} = '' then ${measure.null === "drop" ? reason("empty") : 0}
    when starts_with(${text}, ${literal(LOST_DIGITS)})
      then ${reason("a JSON number of more than 15 digits", `Write it in quotes, or ${ROUND}.`)}
    when not regexp_full_match(${text}, ${DECIMAL}) then ${formFault(measure, text, reason)}
    when ltrim(substr(${fraction(text)}, ${decimals + 1}), '0') <> ''
      then ${reasons.numberOf(tooFine(measure), `Ask for more decimals, or ${ROUND}.`)}
    when length(${text}) > ${SCALED_DIGITS_MAX - decimals} and ${digits} > ${SCALED_DIGITS_MAX} then ${reason("too large")}
    else 0 end`;
}

/** SQL for the number of the reason for a text that is no decimal number: which form it has. */
function formFault(
  { name, format }: Measure,
  text: string,
  reason: (what: string, remedy?: string) => number,
): string {
  const what = format === undefined ? "not a decimal number" : `not a number written as ${format}`;
  if (format !== undefined) return String(reason(what));
  const remedies = {
    exponent: `If it is what a float printed, say so: --type ${name}=double.`,
    format: `Say how 1234.56 would be written: --measure '${name}:format=1.234,56' (format in a definition).`,
  };
  const whens = FORMS.map(([pattern, form, remedy]) => {
    const number = reason(`${what}: ${form}`, remedy && remedies[remedy]);
    return `when regexp_full_match(${text}, ${literal(pattern)}) then ${number}`;
  });
  return `(case when lower(${text}) in (${NULL_WORDS_SQL}) then ${reason(`${what}: a word for NULL`, NULL_WORD_REMEDY)}
    ${whens.join(" ")} else ${reason(what)} end)`;
}

/** SQL for the scaled value, NULL where the text is empty. */
export function measureValue({ decimals }: Measure, text: string): string {
  return `try_cast(nullif(${scaledText(text, decimals)}, '') as hugeint)`;
}

function fraction(text: string): string {
  return `split_part(${text}, '.', 2)`;
}

/** The digits of a decimal number without its point; a whole part that is left out is 0. */
function scaledText(text: string, decimals: number): string {
  const bare = `replace(split_part(${text}, '.', 1), '+', '')`;
  const whole = `case when ${bare} in ('', '-') then ${bare} || '0' else ${bare} end`;
  return `case when ${text} = '' then '' else ${decimals === 0 ? whole : `${whole} || rpad(left(${fraction(text)}, ${decimals}), ${decimals}, '0')`} end`;
}
