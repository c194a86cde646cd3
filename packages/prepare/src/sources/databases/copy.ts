// The answer of a database's query as a relation of the engine: a CSV file in the engine's folder, which only this user can read and
// which is removed with it, and a type for each column.
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Engine } from "../../engine/engine.ts";
import { literal } from "../../engine/sql.ts";
import { InputError } from "../../errors.ts";
import { csvPart } from "../csv.ts";
import { ROW_BYTES_MAX } from "../csv-rows.ts";
import { columnAlias, ROW, type Part } from "../part.ts";

export interface AnswerColumn {
  readonly name: string;
  /** The engine's type; undefined for text, which takes the type that the dataset declares. */
  readonly type: string | undefined;
  /** A text in it that is no value. */
  readonly nullWord?: string | undefined;
}

export interface Answer {
  readonly columns: readonly AnswerColumn[];
  readonly rows: number;
}

/** Where the answer is, with a header, empty texts in quotes, and bytes as \x and hexadecimal digits. */
export function answerFile(engine: Engine): string {
  return join(engine.folder, "query.csv");
}

export function answerPart(engine: Engine, label: string, { columns, rows }: Answer): Part {
  const header = columns.map(({ name }) => name);
  const plain = { compression: "uncompressed", delimiter: ",", rowNumber: (row: number) => row } as const;
  const shape = { lineEnd: "\n", brokenFields: true } as const;
  const csv = { header, rows, file: answerFile(engine), ...plain, shape };
  const part = csvPart(label, csv, { quotedNull: false });
  const values = columns.map((column, i) => `${typed(columnAlias(i), column)} as ${columnAlias(i)}`);
  return {
    ...part,
    relation: `select ${ROW}, ${values.join(", ")} from (${part.relation})`,
    columns: columns.map(({ name, type }) => ({ name, typed: type !== undefined })),
  };
}

function typed(text: string, { type, nullWord }: AnswerColumn): string {
  const value = nullWord === undefined ? text : `nullif(${text}, ${literal(nullWord)})`;
  if (type === undefined) return value;
  if (type === "BLOB") {
    return `case when starts_with(${value}, '\\x') then unhex(substr(${value}, 3)) else encode(${value}) end`;
  }
  if (type !== "DATE" && type !== "TIMESTAMP") return `${value}::${type}`;
  // Days that the engine does not have, a database's zeros among them, are no dates: they must not be NULL, which is none too.
  return `case when ${value} is not null then coalesce(try_cast(${value} as ${type}), 'infinity'::${type}) end`;
}

/** A text, bytes, or NULL. */
export type Cell = string | Uint8Array | null;

const CHUNK_CHARACTERS = 1 << 16;

/**
 * Writes an answer that a database gives row by row; returns how many there were. Throws `InputError` (`size`, `encoding`), and what
 * `rows` throws.
 */
export async function writeAnswer(
  engine: Engine,
  label: string,
  names: readonly string[],
  rows: Iterable<readonly Cell[]> | AsyncIterable<readonly Cell[]>,
): Promise<number> {
  let count = 0;
  async function* lines(): AsyncGenerator<string> {
    let pending = lineOf(names);
    for await (const row of rows) {
      count++;
      const line = lineOf(row);
      if (line.length > ROW_BYTES_MAX || line.includes("\0")) throw faultIn(label, names, row, count);
      pending += line;
      if (pending.length < CHUNK_CHARACTERS) continue;
      yield pending;
      pending = "";
    }
    yield pending;
  }
  await pipeline(lines, createWriteStream(answerFile(engine), { mode: 0o600 }));
  return count;
}

function lineOf(cells: readonly Cell[]): string {
  return `${cells.map(fieldOf).join(",")}\n`;
}

function fieldOf(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "string") return `"${cell.replaceAll('"', '""')}"`;
  return `\\x${Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength).toString("hex")}`;
}

function faultIn(file: string, names: readonly string[], cells: readonly Cell[], row: number): InputError {
  const nul = cells.findIndex((cell) => typeof cell === "string" && cell.includes("\0"));
  if (nul >= 0) {
    return new InputError("encoding", { file, row, field: names[nul]!, remedy: "Replace it in the query." });
  }
  return new InputError("size", {
    file,
    row,
    remedy: "Name the columns in the query that the dataset uses.",
  });
}
