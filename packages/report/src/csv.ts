// A released table as CSV (RFC 4180), safe to open in a spreadsheet.
import { columnNames } from "./columns.ts";
import { formatDecimal } from "./decimal.ts";
import type { ReleasedTable } from "./table.ts";

/**
 * Text that a spreadsheet may take for a formula, full-width forms and leading blanks included. A leading
 * apostrophe is on the list because it is the guard itself.
 */
const FORMULA = /^[\s\uFEFF]*['=+\-@＝＋－＠]/u;
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/;

/**
 * A header and one line for each released cell, all ended by CRLF, fields quoted where RFC 4180 or a spreadsheet
 * with another separator asks for it.
 *
 * Labels and names that begin like a formula (`=`, `+`, `-`, `@`, after blanks too) or with an apostrophe get one
 * apostrophe in front. A reader that strips one leading apostrophe from text has the labels exactly as they were, and
 * no two labels become the same. Numbers are written by this code alone and have no guard: a sum may begin with `-`.
 */
export function reportCsv(table: ReleasedTable): string {
  const lines = [columnNames(table).map(textField)];
  for (const { labels, people, sums } of table.cells) {
    const numbers = sums.map((sum, i) => formatDecimal(sum, table.measures[i]!.decimals));
    lines.push([...labels.map(textField), people.toString(), ...numbers]);
  }
  return lines.map((fields) => `${fields.join(",")}\r\n`).join("");
}

function textField(text: string): string {
  const guarded = FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
