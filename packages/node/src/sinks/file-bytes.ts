// A report as a file of its own, named after its session: the same however often it is written.
import { randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { csvLine, textField } from "@halfroom/report";
import type { NodeState } from "../node-state.ts";
import { COLUMNS, KIND_OF, type Column, type ColumnKind, type SinkLine } from "./lines.ts";

export const FORMS = ["csv", "ndjson", "parquet"] as const;
export type Form = (typeof FORMS)[number];
export const FORM_DEFAULT: Form = "ndjson";

const NUMBERS: readonly ColumnKind[] = ["whole", "decimal"];
const PARQUET_TYPES = { name: "text", json: "text" } as const;
const DRAFT_BYTES = 8;

export function nameOf(session: string, form: Form): string {
  return `halfroom-${session}.${form}`;
}

/** Errors: InputError, if the scratch folder cannot hold it. */
export async function bytesOf(
  { scratch }: Pick<NodeState, "scratch">,
  form: Form,
  lines: readonly SinkLine[],
): Promise<Uint8Array> {
  if (form === "parquet") return await parquetOf(await scratch.open(), lines);
  return Buffer.from(form === "csv" ? csvOf(lines) : ndjsonOf(lines));
}

function csvOf(lines: readonly SinkLine[]): string {
  const field = (line: SinkLine, column: Column) => {
    const text = String(line[column] ?? "");
    return NUMBERS.includes(KIND_OF[column]) ? text : textField(text);
  };
  return [[...COLUMNS], ...lines.map((line) => COLUMNS.map((column) => field(line, column)))]
    .map(csvLine)
    .join("");
}

function ndjsonOf(lines: readonly SinkLine[]): string {
  return lines
    .map((line) => `${JSON.stringify({ ...line, labels: JSON.parse(String(line.labels)) as unknown })}\n`)
    .join("");
}

async function parquetOf(folder: string, lines: readonly SinkLine[]): Promise<Uint8Array> {
  // Loaded for those who want it: the engine is large.
  const { writeParquet } = await import("@halfroom/prepare/parquet");
  const file = join(folder, `sink-${randomBytes(DRAFT_BYTES).toString("hex")}.parquet`);
  const columns = COLUMNS.map((name) => {
    const kind = KIND_OF[name];
    return { name, type: kind === "name" || kind === "json" ? PARQUET_TYPES[kind] : kind };
  });
  const text = (value: SinkLine[Column]) => (value === null ? null : String(value));
  try {
    await writeParquet(
      file,
      columns,
      lines.map((line) => COLUMNS.map((column) => text(line[column]))),
    );
    return await readFile(file);
  } finally {
    await rm(file, { force: true });
  }
}
