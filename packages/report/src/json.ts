// A released table as JSON text. Numbers are written and read as decimal text, so that no digit is lost to a double.
import { PEOPLE_COLUMN } from "./columns.ts";
import { formatDecimal, parseDecimal } from "./decimal.ts";
import { exactNumbers } from "./exact-numbers.ts";
import { plainJson } from "./plain-json.ts";
import type { TableCell, ReleasedTable } from "./table.ts";

/**
 * One JSON object: `cells` (an object each: labels, people, sums as exact number literals with all declared
 * decimals), `suppressed` and `cellsTotal` (null where this side does not know them), then the members of `details`.
 */
export function reportJson(table: ReleasedTable, details: Readonly<Record<string, unknown>> = {}): string {
  const cells = table.cells.map((cell) => `    ${cellJson(table, cell)}`);
  const members = [
    `"cells": [${cells.length > 0 ? `\n${cells.join(",\n")}\n  ` : ""}]`,
    `"suppressed": ${table.suppressed ?? null}`,
    `"cellsTotal": ${table.cellsTotal ?? null}`,
    ...Object.entries(details).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`),
  ];
  return `{\n${members.map((member) => `  ${member}`).join(",\n")}\n}\n`;
}

function cellJson({ groupBy, measures }: ReleasedTable, cell: TableCell): string {
  const members = [
    ...groupBy.map((name, i) => [name, plainJson(cell.labels[i]!)]),
    [PEOPLE_COLUMN, cell.people.toString()],
    ...measures.map(({ name, decimals }, i) => {
      const sum = cell.sums[i];
      return [name, sum === undefined ? "null" : formatDecimal(sum, decimals)];
    }),
  ];
  return `{ ${members.map(([name, value]) => `${plainJson(name!)}: ${value}`).join(", ")} }`;
}

/** The object of `reportJson` with each number as its literal; what is no report has no cells. */
interface ExactTable {
  readonly cells: readonly Record<string, string>[];
  readonly suppressed: string | null;
  readonly cellsTotal: string | null;
}

/**
 * Reads the table back out of the text of `reportJson`, digit for digit; what the text does not say comes from
 * `columns`. Throws SyntaxError if the text is no JSON and RangeError if it is not such a report.
 */
export function parseReportTable(
  text: string,
  columns: Pick<ReleasedTable, "groupBy" | "measures" | "threshold">,
): ReleasedTable {
  const exact = exactNumbers(text) as Partial<ExactTable>;
  if (!Array.isArray(exact.cells)) throw new RangeError("the report has no cells");
  return {
    ...columns,
    cells: exact.cells.map((cell) => ({
      labels: columns.groupBy.map((name) => member(cell, name)),
      people: decimalMember(cell, PEOPLE_COLUMN, 0),
      sums: columns.measures.map(({ name, decimals }) =>
        cell[name] === null ? undefined : decimalMember(cell, name, decimals),
      ),
    })),
    suppressed: exact.suppressed === null ? undefined : Number(exact.suppressed),
    cellsTotal: exact.cellsTotal === null ? undefined : Number(exact.cellsTotal),
  };
}

function member(cell: Record<string, string | null>, name: string): string {
  const value = Object.hasOwn(cell, name) ? cell[name] : undefined;
  if (typeof value !== "string") throw new RangeError("a cell of the report lacks a column");
  return value;
}

function decimalMember(cell: Record<string, string | null>, name: string, decimals: number): bigint {
  const value = parseDecimal(member(cell, name), decimals);
  if (value === undefined) throw new RangeError("a number of the report is no decimal of its column");
  return value;
}
