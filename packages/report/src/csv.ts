// A released table as CSV (RFC 4180), safe to open in a spreadsheet.
import { columnNames } from "./columns.ts";
import { csvLine, textField } from "./csv-fields.ts";
import { formatDecimal } from "./decimal.ts";
import type { ReleasedTable } from "./table.ts";

/**
 * A header and one line for each released cell, all ended by CRLF. Labels and names are guarded (`textField`); numbers are
 * written by this code alone and have no guard: a sum may begin with `-`.
 */
export function reportCsv(table: ReleasedTable): string {
  const lines = [columnNames(table).map(textField)];
  for (const { labels, people, sums } of table.cells) {
    const numbers = sums.map((sum, i) =>
      sum === undefined ? "" : formatDecimal(sum, table.measures[i]!.decimals),
    );
    lines.push([...labels.map(textField), people.toString(), ...numbers]);
  }
  return lines.map(csvLine).join("");
}
