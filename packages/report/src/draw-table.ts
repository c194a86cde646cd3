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
): string {
  const table = new Table({
    head: head.map(paintHead),
    style: { ...PLAIN, compact: true },
    colAligns: head.map((_, i) => (i < textColumns ? "left" : "right")),
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}
