// Tables for a terminal.
import Table from "cli-table3";

/** cli-table3 colours heads and borders by itself unless told not to. */
const PLAIN = { head: [], border: [] };

/** Aligns text columns left and the other columns (numbers) right. Texts must already be printable. */
export function drawTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  textColumns: number,
  paintHead: (text: string) => string = (text) => text,
  colWidths: (number | null)[] = [],
): string {
  const table = new Table({
    head: head.map(paintHead),
    style: { ...PLAIN, compact: true },
    colAligns: head.map((_, i) => (i < textColumns ? "left" : "right")),
    colWidths,
    wordWrap: true,
    wrapOnWordBoundary: false,
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

/** What a list of a node fits into, in characters. */
const LIST_WIDTH = 100;
/** A blank on either side of a cell. */
const PADDING = 2;
const NARROWEST = 10;

/**
 * A table of texts, at most 100 characters wide as long as it has few columns: the widest ones are broken into lines, but not the first,
 * whose names are copied.
 */
export function drawList(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lengths = head.map((title, i) => Math.max(...[title, ...rows.map((row) => row[i]!)].map(lengthOf)));
  const widths = lengths.map((length) => length + PADDING);
  const total = () => widths.reduce((sum, width) => sum + width + 1, 1);
  while (total() > LIST_WIDTH) {
    const widest = widths.indexOf(Math.max(...widths.slice(1)), 1);
    if (widths[widest]! <= NARROWEST) break;
    widths[widest]!--;
  }
  const broken = widths.map((width, i) => (width === lengths[i]! + PADDING ? null : width));
  return drawTable(head, rows, head.length, undefined, broken);
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}
