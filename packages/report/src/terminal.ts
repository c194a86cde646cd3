// A released table for people at a terminal.
import Table from "cli-table3";
import picocolors from "picocolors";
import { columnNames } from "./columns.ts";
import { formatDecimal, group } from "./decimal.ts";
import { printable } from "./printable.ts";
import type { TableCell, ReleasedTable } from "./table.ts";

/** Longest label shown, in characters; files hold labels whole. */
const LABEL_LENGTH_MAX = 40;
/** Most cells shown; files hold all of them. */
const CELLS_SHOWN_MAX = 200;

/** cli-table3 colours heads and borders by itself unless told not to. */
const PLAIN = { head: [], border: [] };

/**
 * The released cells as a drawn table, and under it in words what was not released: a cell under the threshold is
 * never a row of zeros. Everything that came from data is made printable. `colors` turns escape sequences on.
 */
export function reportText(table: ReleasedTable, { colors }: { readonly colors: boolean }): string {
  const paint = picocolors.createColors(colors);
  const lines: string[] = [];
  if (table.cells.length > 0) {
    const shown = table.cells.slice(0, CELLS_SHOWN_MAX).map((cell) => textRow(table, cell, paint.dim));
    lines.push(drawTable(columnNames(table).map(label), shown, table.groupBy.length, paint.bold));
  }
  if (table.cells.length > CELLS_SHOWN_MAX) {
    lines.push(`${group(table.cells.length - CELLS_SHOWN_MAX)} more cells are in the JSON and CSV reports.`);
  }
  lines.push(suppressionNote(table));
  return `${lines.join("\n")}\n`;
}

/** Text columns to the left, the other columns (numbers) to the right. */
export function drawTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  textColumns: number,
  paintHead: (text: string) => string = (text) => text,
): string {
  const table = new Table({
    head: head.map(paintHead),
    style: { ...PLAIN, compact: true },
    colAligns: head.map((_, i) => (i < textColumns ? "left" : "right")),
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

function textRow(table: ReleasedTable, cell: TableCell, dim: (text: string) => string): string[] {
  return [
    ...cell.labels.map((text) => (text === "" ? dim("(none)") : label(text))),
    group(cell.people),
    ...cell.sums.map((sum, i) =>
      sum === undefined ? "under threshold" : group(formatDecimal(sum, table.measures[i]!.decimals)),
    ),
  ];
}

function suppressionNote({ cells, suppressed, cellsTotal, threshold }: ReleasedTable): string {
  const under = `under the threshold of ${group(threshold)} people`;
  if (suppressed === undefined || cellsTotal === undefined) {
    return `Cells released: ${group(cells.length)}. Cells ${under} stay closed; the receiver alone knows how many.`;
  }
  if (cellsTotal === 0) return "There is no cell to report: the receiver has no people.";
  if (suppressed === 0)
    return `All ${group(cellsTotal)} cells reached the threshold of ${group(threshold)} people.`;
  return `${group(suppressed)} of ${group(cellsTotal)} cells suppressed: ${under}, so nothing of them was opened.`;
}

function label(text: string): string {
  const characters = Array.from(printable(text));
  if (characters.length <= LABEL_LENGTH_MAX) return characters.join("");
  return `${characters.slice(0, LABEL_LENGTH_MAX - 1).join("")}…`;
}
