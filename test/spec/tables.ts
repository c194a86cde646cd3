// The tables of protocol-spec.md, by the names in the comments above them.
import { readFileSync } from "node:fs";

const SPEC = readFileSync(new URL("../../protocol-spec.md", import.meta.url), "utf8");

/** The rows of a table, without its head: cells as text, trimmed, without backticks. */
export function specTable(name: string): string[][] {
  const [, after] = SPEC.split(`<!-- table: ${name} -->\n`);
  if (after === undefined) throw new Error(`the specification has no table called "${name}"`);
  const rows = after.split("\n");
  const end = rows.findIndex((row) => !row.startsWith("|"));
  return rows.slice(2, end).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.replaceAll("`", "").trim()),
  );
}

/** Whether the specification holds a text, set as code. */
export function specQuotes(text: string): boolean {
  return SPEC.includes(`\`${text}\``);
}

/** One column of a table. */
export function specColumn(name: string, column: number): string[] {
  return specTable(name).map((row) => row[column]!);
}

/** "524,288" to 524288. */
export function specNumber(cell: string): number {
  return Number(cell.replaceAll(",", ""));
}
