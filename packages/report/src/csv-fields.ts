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
