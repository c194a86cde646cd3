// Numbers and labels in the words of a report.
import { formatDecimal, group } from "../decimal.ts";
import { named, quoted } from "@halfroom/wire/words";
import type { Released, ReleasedNoise } from "../released.ts";
import { halfWidth, type Estimate } from "../stats/estimate.ts";
import type { MatchRate } from "../stats/rate.ts";

/** What is shown for a number that was not opened. */
export const UNDER_THRESHOLD = "under threshold";
export const OVER_PAIR = "over 85 %";
const NOT_KNOWN = "–";

/** A double with so many decimals, grouped; never "-0". */
export function decimal(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return group(/^-0(\.0*)?$/.test(text) ? text.slice(1) : text);
}

/** What stands for a missing label, and for all labels together; a label of this text is put in quotation marks. */
const NO_LABEL = "(none)";
export const ALL_LABELS = "all";

export function labelText(label: string): string {
  if (label === "") return NO_LABEL;
  return label === NO_LABEL || label === ALL_LABELS ? quoted(label) : named(label);
}

/** Several labels as one, for a chart; "all" for none. */
export function labelsText(labels: readonly string[]): string {
  return labels.length === 0 ? ALL_LABELS : labels.map(labelText).join(" · ");
}

/** An opened number with half of its 95 % interval after a ± if it has noise (`valueDigits`). */
export function releasedText(
  number: Released | undefined,
  decimals: number,
  noise: ReleasedNoise | undefined,
): string {
  if (number === undefined) return UNDER_THRESHOLD;
  const half = halfWidth(number.variance, 0, noise) / 10 ** decimals;
  return withHalf(group(valueDigits(number.value, decimals, half)), half, decimals);
}

/** All digits; none after the point where the noise makes them meaningless. */
export function valueDigits(value: bigint, decimals: number, half: number): string {
  if (half < 100 || decimals === 0) return formatDecimal(value, decimals);
  const unit = 10n ** BigInt(decimals);
  const rounded = (value + (value < 0n ? -unit : unit) / 2n) / unit;
  return rounded.toString();
}

/** An estimate as `releasedText` writes numbers; without decimals where the interval makes them meaningless. */
export function estimateText(number: Estimate | undefined, decimals: number): string {
  if (number === undefined) return NOT_KNOWN;
  const half = (number.high - number.low) / 2;
  const digits = half >= 100 ? 0 : decimals;
  return withHalf(decimal(number.value, digits), half, digits);
}

function withHalf(text: string, half: number, decimals: number): string {
  return half === 0 ? text : `${text} ± ${halfText(half, decimals)}`;
}

/** Half of an interval, rounded up: no decimals where it is large. */
export function halfText(half: number, decimals: number): string {
  const digits = half >= 100 ? 0 : decimals;
  const unit = 10 ** digits;
  return decimal(Math.ceil(half * unit) / unit, digits);
}

/** "± 9", or "exact". */
export function precisionText({ variance }: Released, noise: ReleasedNoise | undefined): string {
  return variance === 0 ? "exact" : `± ${halfText(halfWidth(variance, 0, noise), 0)} in 95 of 100 cases`;
}

/** The bounds of an estimate that are not symmetric, or are read as a range. */
export function rangeText(number: Estimate | undefined, text: (value: number) => string): string {
  return number === undefined ? NOT_KNOWN : `${text(number.low)} to ${text(number.high)}`;
}

export function valueText(number: Estimate | undefined, text: (value: number) => string): string {
  return number === undefined ? NOT_KNOWN : text(number.value);
}

export function percentText(value: number, decimals: number): string {
  return `${decimal(value, decimals)} %`;
}

/** A change, with its sign. */
export function changeText(value: number): string {
  const text = percentText(100 * value, 1);
  return value > 0 ? `+${text}` : text;
}

export function rateText(rate: MatchRate | undefined): string {
  if (rate === undefined) return NOT_KNOWN;
  const range = rate.low === rate.high ? "" : ` (${rate.low} to ${rate.high})`;
  return `${rate.percent} %${range}`;
}

export function countText(count: number | undefined): string {
  return count === undefined ? NOT_KNOWN : group(count);
}

export function pValueText(p: number | undefined): string {
  if (p === undefined) return NOT_KNOWN;
  return p < 0.0001 ? "< 0.0001" : p.toFixed(4);
}

/** "campaign and age", "everybody" for no dimension. */
export function dimensionsText(dimensions: readonly string[]): string {
  if (dimensions.length === 0) return "everybody";
  const names = dimensions.map((name) => (/[\s,:]/.test(name) ? quoted(name) : named(name)));
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(", ")} and ${names.at(-1)!}`;
}
