// CSV files as relations of the engine. A regular file is read in place; one with mixed line ends, blank lines or another encoding is
// first copied, row by row, to the engine's folder; anything else is an error that says where and why.
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type { Engine } from "../engine/engine.ts";
import { literal } from "../engine/sql.ts";
import type { Compression, TextFile } from "./bytes.ts";
import { COMMA, type Dialect } from "./csv-dialect.ts";
import { readCsv, ROW_BYTES_MAX } from "./csv-rows.ts";
import { scanCsv, type CsvShape } from "./csv-scan.ts";
import { columnAlias, ROW, type Part } from "./part.ts";

export interface Csv {
  readonly header: readonly string[];
  /** Undefined for a file without rows. */
  readonly shape: Pick<CsvShape, "lineEnd" | "brokenFields"> | undefined;
  readonly file: string;
  readonly compression: Compression;
  readonly delimiter: string;
  /** Rows below the header, if that is known before the engine reads them. */
  readonly rows: number | undefined;
  rowNumber(row: number): number;
}

/** Scans a file, and copies it if the engine would stumble over it. Throws `InputError`. */
export async function examineCsv(
  engine: Engine,
  file: TextFile,
  dialect: Dialect,
  index: number,
): Promise<Csv> {
  const { path, compression } = file;
  const { delimiter, announced } = dialect;
  const inPlace = file.encoding === "utf-8" && !announced;
  const shape = inPlace ? await scanCsv(file, delimiter) : undefined;
  if (shape === undefined) return copyRows(file, dialect, join(engine.folder, `rows-${index}.csv`));
  const { header, rows } = shape;
  // The header is row 1.
  return { header, rows, shape, file: path, compression, delimiter, rowNumber: (row) => row + 1 };
}

async function copyRows(file: TextFile, dialect: Dialect, copy: string): Promise<Csv> {
  const output = createWriteStream(copy, { mode: 0o600 });
  let header: readonly string[] = [];
  const numbers: { first: number; row: number }[] = [];
  let rows = 0;
  let pending: string[] = [];
  let drained: Promise<unknown> | undefined;
  const write = (fields: readonly string[]): void => {
    pending.push(`${fields.map(quoted).join(",")}\n`);
    if (pending.length < 1000) return;
    if (!output.write(pending.join(""))) drained = once(output, "drain");
    pending = [];
  };
  await readCsv(file, dialect, (names) => {
    header = names;
    write(names);
    return async (fields, row) => {
      // Only where the numbering jumps because of blank lines.
      rows++;
      const last = numbers.at(-1);
      if (last === undefined || row - last.row !== rows - last.first) numbers.push({ first: rows, row });
      write(fields);
      await drained;
    };
  });
  output.end(pending.join(""));
  await finished(output);
  const rowNumber = (row: number): number => {
    const from = numbers.findLast(({ first }) => first <= row);
    return from === undefined ? row + 1 : from.row + row - from.first;
  };
  const shape = { lineEnd: "\n", brokenFields: true } as const;
  return { header, rows, shape, file: copy, compression: "uncompressed", ...COMMA, rowNumber };
}

function quoted(field: string): string {
  return `"${field.replaceAll('"', '""')}"`;
}

/** `quotedNull`: whether `""` means NULL, like an empty field, or the empty text. */
export function csvPart(label: string, csv: Csv, { quotedNull }: { quotedNull: boolean }): Part {
  const { lineEnd = "\n", brokenFields = false } = csv.shape ?? {};
  const types = csv.header.map((_, i) => `'${columnAlias(i)}': 'VARCHAR'`).join(", ");
  // Nothing is left to the engine to detect, neither dialect nor types.
  const rows = `read_csv(${literal(csv.file)}, auto_detect = false, columns = {${types}}, header = true,
    compression = ${literal(csv.compression === "uncompressed" ? "none" : csv.compression)}, hive_partitioning = false,
    delim = ${literal(csv.delimiter)}, quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = ${quotedNull},
    new_line = '${lineEnd === "\r\n" ? String.raw`\r\n` : String.raw`\n`}', parallel = ${!brokenFields},
    max_line_size = ${2 * ROW_BYTES_MAX}, null_padding = false, comment = '')`;
  return {
    label,
    relation: `select row_number() over () as ${ROW}, * from ${rows}`,
    columns: csv.header.map((name) => ({ name, typed: false })),
    rows: csv.rows,
    rowNumber: csv.rowNumber,
  };
}
