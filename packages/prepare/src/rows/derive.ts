// Dimensions derived from numbers and dates: age bands, frequency buckets, weeks, months. Each is an expression that
// gives the label, or NULL for a value of the wrong kind.
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
  if (derive === "week") return `strftime(${value}, '%G-W%V')`;
  if (derive === "month") return `strftime(${value}, '%Y-%m')`;
  const number = `try_cast(${value}::varchar as hugeint)`;
  return derive === "frequency" ? bucketLabel(number, FREQUENCY) : bucketLabel(number, bands(derive.bands));
}

/** SQL for a row's number, where the label comes from a person's sum; NULL for a number that could not have a label. */
export function summand(derive: Derive, value: string): string {
  const number = `try_cast(${value}::varchar as bigint)`;
  return derive === "frequency" ? `case when ${number} >= 0 then ${number} end` : number;
}

/** What the value should have been, as the reason for dropping its row. */
export function deriveKind(derive: Derive): string {
  if (isDated(derive)) return "not a date";
  return derive === "frequency" ? "not a count" : "not a whole number";
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
