// Identifiers that went through a column of numbers: what a float left of them, if it left them whole.

/** What a float of a whole number looks like in text. */
const WHOLE_FLOAT = /^-?(?:0|[1-9][0-9]*)\.0$/;
const PHONE_FLOAT = /^\+?[0-9]+\.0$/;
/** Digits, one point, and what no separator of a phone number looks like: zeros alone, or a single digit. */
const PHONE_FRACTION = /^\+?[0-9]+\.(?:0+|[0-9])$/;
const EXPONENT = /^[+-]?[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+$/;

/** The whole number without its ".0"; undefined if a double may have held another one; any other text as it is. */
export function wholeText(text: string): string | undefined {
  if (!text.endsWith(".0") || !WHOLE_FLOAT.test(text)) return text;
  const whole = text.slice(0, -2);
  if (!Number.isSafeInteger(Number(whole))) return undefined;
  return whole === "-0" ? "0" : whole;
}

/** The same for a phone number, which may begin with "+" or zeros; undefined for digits and a point that say neither. */
export function wholePhone(text: string): string | undefined {
  if (!text.includes(".")) return text;
  if (PHONE_FLOAT.test(text)) return text.slice(0, -2);
  return PHONE_FRACTION.test(text) ? undefined : text;
}

/** Whether the text is a number such as 4.9E+12, which may lack digits. */
export function hasExponent(text: string): boolean {
  return EXPONENT.test(text);
}
