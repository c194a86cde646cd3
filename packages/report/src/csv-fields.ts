// Fields and lines of CSV (RFC 4180), safe to open in a spreadsheet.

/**
 * Text that a spreadsheet may take for a formula, full-width forms and leading blanks included. A leading
 * apostrophe is on the list because it is the guard itself.
 */
const FORMULA = /^[\s\uFEFF]*['=+\-@＝＋－＠]/u;
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/;

/**
 * Text from data as a field, quoted where RFC 4180 or a spreadsheet with another separator asks for it.
 *
 * Text that begins like a formula (`=`, `+`, `-`, `@`, after blanks too) or with an apostrophe gets one apostrophe in
 * front. A reader that strips one leading apostrophe from text has it exactly as it was, and no two texts become the same.
 */
export function textField(text: string): string {
  const guarded = FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** Fields as one line with its CRLF. */
export function csvLine(fields: readonly string[]): string {
  return `${fields.join(",")}\r\n`;
}
