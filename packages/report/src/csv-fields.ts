// Fields and lines of CSV (RFC 4180), safe to show on a terminal and to open in a spreadsheet.

/**
 * What a terminal obeys or cannot show: control characters, line ends and tabs among them, direction marks, zero-width characters,
 * halves of surrogate pairs. Words of some languages need the two joiners, which are left. A backslash is on the list where it
 * would look like our own.
 */
const OBEYED = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|\\(?=u\{)/gu;

/**
 * Text that a spreadsheet may take for a formula, full-width forms and leading blanks included. A leading
 * apostrophe is on the list because it is the guard itself.
 */
const FORMULA = /^[\s\uFEFF]*['=+\-@＝＋－＠]/u;
const NEEDS_QUOTES = /[",;]|^\s|\s$/;

/**
 * Text from data as a field, quoted where RFC 4180 or a spreadsheet with another separator asks for it.
 *
 * What a terminal would obey is spelled out as \u{hex}, and so is the backslash of such text itself: a reader that puts the
 * characters back has the text exactly as it was. Text that begins like a formula (`=`, `+`, `-`, `@`, after blanks too) or with an apostrophe gets one apostrophe in
 * front, which a reader strips first. No two texts become the same.
 */
export function textField(text: string): string {
  const shown = text.replace(OBEYED, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
  const guarded = FORMULA.test(shown) ? `'${shown}` : shown;
  return NEEDS_QUOTES.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** Fields as one line with its CRLF. */
export function csvLine(fields: readonly string[]): string {
  return `${fields.join(",")}\r\n`;
}

/** Digits of a derived number: more than its interval leaves any meaning, and fewer than a double's dust. */
const DIGITS = 9;

/** A double without an exponent, which a spreadsheet might not understand; empty for none and for infinity. */
export function plainNumber(value: number): string {
  if (!Number.isFinite(value)) return "";
  const rounded = Number(value.toPrecision(DIGITS));
  const text = String(rounded);
  return text.includes("e") ? rounded.toFixed(Math.abs(rounded) < 1 ? 12 : 0) : text;
}

/** Heads of columns, each once: a dimension or measure whose name is that of a column before it says what it is. */
export function uniqueHeads(
  before: readonly string[],
  dimensions: readonly string[],
  after: readonly string[],
): string[] {
  const fixed = new Set([...before, ...after]);
  const labels = dimensions.map((name) => (fixed.has(name) ? `${name} (dimension)` : name));
  return [
    ...before,
    ...labels,
    ...after.map((name, i) => (after.indexOf(name) < i ? `${name} (measure)` : name)),
  ];
}
