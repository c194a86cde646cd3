// Numbers and labels in the words of a report.
import { formatDecimal, group } from "../decimal.ts";
import { named, quoted } from "@halfroom/wire/words";
import type { Released, ReleasedNoise } from "../released.ts";
import { halfWidth, shownHalf, type Estimate, type Missing } from "../stats/estimate.ts";
import type { MatchRate } from "../stats/rate.ts";

/** What is shown for a number that was not opened. */
export const UNDER_THRESHOLD = "under threshold";
/** Where this side has nobody, so that there was nothing to open. */
export const NOBODY = "nobody";
/** Where the partner alone knows whether there is somebody. */
export const NOT_OPENED = "not opened";
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

/**
 * An estimate as `releasedText` writes numbers; without decimals where the interval makes them meaningless. A number that closed
 * cells may add to has "≥" in front if that is certain, and says "of what was shown" if it is not.
 */
export function estimateText(number: Estimate | undefined, decimals: number, unit = ""): string {
  if (number === undefined) return NOT_KNOWN;
  const half = shownHalf(number);
  const digits = half >= 100 ? 0 : decimals;
  const shown =
    (number.known === "at-least" ? decimalDown(number.value, digits) : decimal(number.value, digits)) + unit;
  if (number.known === "at-least") return `${AT_LEAST}${shown}`;
  return withHalf(shown, half, digits) + (number.missing === undefined ? "" : SHOWN_ONLY);
}

/** In front of a number that is a lower bound for certain. */
export const AT_LEAST = "≥ ";
/** Behind an estimate that holds only what was opened. */
const SHOWN_ONLY = ", shown";

/** Rounded down, so that what is at least this stays true. */
function decimalDown(value: number, decimals: number): string {
  // Digits beyond those of a double are none of the number's.
  const unit = 10 ** decimals;
  return decimal(Math.floor(Number((value * unit).toPrecision(14))) / unit, decimals);
}

/** What closed cells may add, in people. */
export function missingText({ cells, most }: Missing): string {
  if (cells === undefined) return "cells that the partner alone sees may hold more";
  const which = `${group(cells)} closed cell${cells === 1 ? "" : "s"}`;
  return most === undefined
    ? `${which} may hold more`
    : `${which} may hold up to ${group(Math.ceil(most))} more`;
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
  const { percent, known, low, high } = rate;
  if (known === "at-least") return `${AT_LEAST}${percent} %`;
  if (known === "exact") return `${percent} %`;
  return Number.isFinite(high) ? `${percent} % (${low} to ${high})` : `${percent} % (${low} or more)`;
}

/** Whole percent with its bounds, of a number of people in a base. */
export function shareText(part: number, whole: number): string {
  return whole <= 0 ? NOT_KNOWN : percentText((100 * part) / whole, 1);
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
  return listText(dimensions.map((name) => (/[\s,:]/.test(name) ? quoted(name) : named(name))));
}

/** "a, b and c". */
export function listText(items: readonly string[], before = "and"): string {
  return items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} ${before} ${items.at(-1)!}`;
}
