// The cells of a report with one partition as plain JSON: one member per column, numbers as exact literals.
import { PEOPLE_COLUMN } from "./columns.ts";
import { formatDecimal } from "./decimal.ts";
import { plainJson } from "./plain-json.ts";
import type { Released, ReleasedCell, ReleasedPartition, ReleasedReport } from "./released.ts";

/**
 * Members of a JSON object, as text without commas: `cells` (one object each: labels, people, sums with all declared
 * decimals, null where one did not pass), `suppressed` and `cellsTotal` (null where this side does not know them).
 */
export function cellsMembers(report: ReleasedReport): string[] {
  const [partition] = report.partitions as [ReleasedPartition];
  const cells = partition.cells.map((cell) => `    ${cellJson(report, partition, cell)}`);
  return [
    `"cells": [${cells.length > 0 ? `\n${cells.join(",\n")}\n  ` : ""}]`,
    `"suppressed": ${partition.hiddenCells ?? null}`,
    `"cellsTotal": ${partition.cellsTotal ?? null}`,
  ];
}

function cellJson(
  { measures }: ReleasedReport,
  { groupBy }: ReleasedPartition,
  { labels, people, sums }: ReleasedCell,
): string {
  const members = [
    ...groupBy.map((name, i) => [name, plainJson(labels[i]!)]),
    [PEOPLE_COLUMN, literal(people, 0)],
    ...measures.map(({ name, decimals }, i) => [name, literal(sums[i], decimals)]),
  ];
  return `{ ${members.map(([name, value]) => `${plainJson(name!)}: ${value}`).join(", ")} }`;
}

function literal(released: Released | undefined, decimals: number): string {
  return released === undefined ? "null" : formatDecimal(released.value, decimals);
}
