// Exact decimals: text to integers scaled by 10^decimals, never through a binary fraction.

export type DecimalFault = "not a decimal number" | "too many decimals";

/** A double holds any number of this many digits exactly: 10^15 < 2^53. */
const DOUBLE_DIGITS = 15;

const DECIMAL = /^([+-]?)([0-9]+)(?:\.([0-9]+))?$/;

/**
 * Parses `[+-]digits[.digits]` (ASCII digits, no spaces) into the integer `text * 10^decimals`: a number where it is
 * short, a bigint where it may exceed 2^53. Zeros beyond `decimals` change nothing and are allowed.
 */
export function parseDecimal(text: string, decimals: number): number | bigint | DecimalFault {
  const parts = DECIMAL.exec(text);
  if (parts === null) return "not a decimal number";
  const [, sign, whole = "", fraction = ""] = parts;
  if (fraction.length > decimals && /[1-9]/.test(fraction.slice(decimals))) return "too many decimals";
  const digits = whole + fraction.slice(0, decimals).padEnd(decimals, "0");
  if (digits.length <= DOUBLE_DIGITS) return sign === "-" ? -Number(digits) : Number(digits);
  return sign === "-" ? -BigInt(digits) : BigInt(digits);
}
