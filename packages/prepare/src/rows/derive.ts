// Dimensions derived from numbers and dates: age bands, frequency buckets, weeks, months. Each is an expression that
// gives the label, or NULL for a value of the wrong kind.
import { literal } from "../engine/sql.ts";
import type { Dimension } from "../dataset/schema.ts";

type Derive = NonNullable<Dimension["derive"]>;

/** Lower ends of the frequency buckets of design section 4, and their labels. */
const FREQUENCY = [
  [0, "0"],
  [1, "1"],
  [2, "2"],
  [3, "3"],
  [4, "4-5"],
  [6, "6-10"],
  [11, "11+"],
] as const;

/** Whether the label is that of a date or time. */
export function isDated(derive: Dimension["derive"]): derive is "week" | "month" {
  return derive === "week" || derive === "month";
}

/** SQL for the label of a value; for a dated one, a date or time. */
export function derivedLabel(derive: Derive, value: string): string {
  if (derive === "week") return labelOfDate(value, "%G-W%V");
  if (derive === "month") return labelOfDate(value, "%Y-%m");
  const number = wholePart(value);
  return derive === "frequency" ? bucketLabel(number, FREQUENCY) : bucketLabel(number, bands(derive.bands));
}

/** SQL for a row's number, where the label comes from a person's sum; NULL for a number that could not have a label. */
export function summand(derive: Derive, value: string): string {
  const number = `case when regexp_full_match(${value}::varchar, ${SUMMABLE})
    then try_cast(${value}::varchar as decimal(28, ${SUM_DECIMALS})) end`;
  return derive === "frequency" ? `case when ${number} >= 0 then ${number} end` : number;
}

/** Decimals of numbers that are added up before their band is chosen. */
const SUM_DECIMALS = 9;
const SUMMABLE = literal(` *[+-]?([0-9]+([.][0-9]{0,${SUM_DECIMALS}}0*)?|[.][0-9]{1,${SUM_DECIMALS}}0*) *`);
const NUMBER = literal(" *[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+) *");

/** SQL for the greatest whole number that is not above a decimal number, exactly; NULL for any other text. */
function wholePart(value: string): string {
  const text = `trim(${value}::varchar)`;
  const whole = `try_cast(regexp_replace(split_part(${text}, '.', 1), '^([+-]?)$', '\\10') as hugeint)`;
  const below = `starts_with(${text}, '-') and ltrim(split_part(${text}, '.', 2), '0') <> ''`;
  return `case when regexp_full_match(${value}::varchar, ${NUMBER}) then ${whole} - case when ${below} then 1 else 0 end end`;
}

/** What the value should have been, as the reason for dropping its row. */
export function deriveKind(derive: Derive): string {
  if (isDated(derive)) return "not a date";
  return derive === "frequency" ? "not a count" : "not a number";
}

/** Years have four digits: one of fewer is a year that was cut. */
function labelOfDate(date: string, format: string): string {
  return `case when year(${date}) between 1000 and 9999 then strftime(${date}, '${format}') end`;
}

/** [18, 25] gives "under 18", "18-24", "25+". */
function bands(ends: readonly number[]): (readonly [number | undefined, string])[] {
  const sorted = [...new Set(ends)].sort((a, b) => a - b);
  const named = sorted.map((low, i) => {
    const next = sorted[i + 1];
    const label = next === undefined ? `${low}+` : next === low + 1 ? `${low}` : `${low}-${next - 1}`;
    return [low, label] as const;
  });
  return [[undefined, `under ${sorted[0]}`], ...named];
}

/** The last bucket that the number reaches; NULL if it is below the first, unless that has no lower end. */
function bucketLabel(number: string, buckets: readonly (readonly [number | undefined, string])[]): string {
  const [lowest] = buckets;
  const whens = buckets
    .filter(([low]) => low !== undefined)
    .toReversed()
    .map(([low, label]) => `when ${number} >= ${low} then '${label}'`);
  const rest = lowest?.[0] === undefined ? `when ${number} is not null then '${lowest?.[1]}'` : "";
  return `case ${whens.join(" ")} ${rest} end`;
}
