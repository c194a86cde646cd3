// Exact decimals: a sum is an integer scaled by 10^decimals and never passes through a double.

/** `value / 10^decimals` with exactly `decimals` digits after the point, for example (-5n, 2) gives "-0.05". */
export function formatDecimal(value: bigint, decimals: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  const sign = value < 0n ? "-" : "";
  return sign + digits.slice(0, point) + (decimals > 0 ? `.${digits.slice(point)}` : "");
}

/**
 * The inverse of `formatDecimal`, also for text that people wrote: an optional sign, digits, and at most `decimals` digits
 * after a point (further zeros are allowed). Returns undefined for anything else.
 */
export function parseDecimal(text: string, decimals: number): bigint | undefined {
  const parts = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (parts === null) return undefined;
  const [, sign, whole = "", fraction = ""] = parts;
  if (/[1-9]/.test(fraction.slice(decimals))) return undefined;
  const magnitude = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, "0"));
  return sign === "-" ? -magnitude : magnitude;
}

/** Decimal text or a whole number with commas between groups of three digits. */
export function group(decimal: string | bigint | number): string {
  return decimal.toString().replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
}
