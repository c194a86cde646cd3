// A report as a file of its own, named after its session: the same however often it is written.
import { csvLine, textField } from "@halfroom/report";
import { COLUMNS, NUMBERS, type Column, type SinkLine } from "./lines.ts";

export function nameOf(session: string, form: "csv" | "ndjson"): string {
  return `halfroom-${session}.${form}`;
}

export function textOf(form: "csv" | "ndjson", lines: readonly SinkLine[]): string {
  if (form === "csv") {
    const field = (line: SinkLine, column: Column) => {
      const text = String(line[column] ?? "");
      return NUMBERS.includes(column) ? text : textField(text);
    };
    return [[...COLUMNS], ...lines.map((line) => COLUMNS.map((column) => field(line, column)))]
      .map(csvLine)
      .join("");
  }
  return lines
    .map((line) => `${JSON.stringify({ ...line, labels: JSON.parse(String(line.labels)) as unknown })}\n`)
    .join("");
}
