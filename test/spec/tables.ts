// The tables and examples of protocol-spec.md, by the names in the comments above them.
import { readFileSync } from "node:fs";

const SPEC = readFileSync(new URL("../../protocol-spec.md", import.meta.url), "utf8");

/** The rows of a table, without its head: cells as text, trimmed, without backticks. */
export function specTable(name: string): string[][] {
  return tableIn(SPEC, name);
}

/** The same of another document's text. */
export function tableIn(text: string, name: string): string[][] {
  const [, after] = text.split(`<!-- table: ${name} -->\n`);
  if (after === undefined) throw new Error(`there is no table called "${name}"`);
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

/** Whether the specification holds a text, however its lines are broken. */
export function specSays(text: string): boolean {
  return SPEC.replaceAll(/\s+/g, " ").includes(text);
}

/** The lines of an example, without their indentation. */
export function specExample(name: string): string[] {
  const [, after] = SPEC.split(`<!-- example: ${name} -->\n`);
  if (after === undefined) throw new Error(`the specification has no example called "${name}"`);
  const lines = after.replace(/^\n/, "").split("\n");
  const end = lines.findIndex((line) => !line.startsWith("    "));
  return lines.slice(0, end).map((line) => line.slice(4));
}

/** The names of all examples. */
export function specExamples(): string[] {
  return [...SPEC.matchAll(/<!-- example: (.*) -->/g)].map(([, name]) => name!);
}

/** One column of a table. */
export function specColumn(name: string, column: number): string[] {
  return specTable(name).map((row) => row[column]!);
}

/** "524,288" to 524288. */
export function specNumber(cell: string): number {
  return Number(cell.replaceAll(",", ""));
}
