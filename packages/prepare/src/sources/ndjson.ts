// Newline-delimited JSON as relations of the engine: one object per line. Numbers are read as doubles, which all JSON readers
// agree on; a number of more than 15 digits must be written in quotes, or its row is dropped. What the engine does not read (a byte
// order mark, another encoding, half a character) it gets as a copy.
import { isUtf8 } from "node:buffer";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Blame, Engine } from "../engine/engine.ts";
import { literal } from "../engine/sql.ts";
import { InputError } from "../errors.ts";
import { byteStages, readingError, withBytes, type TextFile } from "./bytes.ts";
import { ENCODING_REMEDY, ROW_BYTES_MAX } from "./csv-rows.ts";
import { LOST_DIGITS, plainDigits } from "./digits.ts";
import { columnAlias, HALF, ROW, type Part } from "./part.ts";

const REMEDY = "Write one object of plain fields a line, in UTF-8, as `jq -c .` does.";

/** Throws `InputError` (`json`, `encoding`, `size`, `damaged`, `unreadable`) for the first bad row. */
export async function ndjsonPart(engine: Engine, file: TextFile, index: number): Promise<Part> {
  const copy = join(engine.folder, `objects-${index}.ndjson`);
  const direct = file.encoding === "utf-8" && !file.marked;
  if (!direct) await copyLines(file, copy, (line) => line);
  try {
    return await partOf(engine, file, direct ? objectsIn(file.path, file.compression) : objectsIn(copy));
  } catch (error) {
    if (!(error instanceof InputError) || error.code !== "json") throw error;
    const fault = await firstFault(file);
    if (fault !== undefined) throw fault;
    await copyLines(file, copy, withoutHalves);
    return { ...(await partOf(engine, file, objectsIn(copy))), halves: true };
  }
}

function objectsIn(path: string, compression: TextFile["compression"] = "uncompressed"): string {
  return `read_ndjson_objects(${literal(path)}, maximum_object_size = ${ROW_BYTES_MAX},
    compression = '${compression}', hive_partitioning = false)`;
}

async function partOf(engine: Engine, { name }: TextFile, objects: string): Promise<Part> {
  const names = await fieldNames(engine, objects, { code: "json", file: name, remedy: REMEDY });
  const fields = names.flatMap((name, i) => [
    `${fieldText(name)} as ${columnAlias(i)}`,
    `coalesce(json_type(json, ${pointerTo(name)}) in ('DOUBLE', 'BIGINT', 'UBIGINT'), false) as ${numberAlias(i)}`,
  ]);
  return {
    label: name,
    relation: `select row_number() over () as ${ROW}, ${fields.length === 0 ? "null" : fields.join(", ")}
      from ${objects}`,
    columns: names.map((name, i) => ({ name, typed: false, isNumber: numberAlias(i) })),
    rowNumber: (row) => row,
  };
}

/** Every name that occurs in any row, sorted. Throws `InputError` (`json`) for anything but objects with each field once. */
async function fieldNames(engine: Engine, objects: string, blame: Blame): Promise<string[]> {
  const irregular = `json_type(json) <> 'OBJECT' or len(json_keys(json)) <> len(list_distinct(json_keys(json)))
    or strlen(json) > ${ROW_BYTES_MAX}`;
  const [[bad] = []] = await engine.rows(`select count(*) from ${objects} where ${irregular}`, blame);
  if (bad !== 0n) throw new InputError("json", blame);
  const rows = await engine.rows(
    `select distinct unnest(json_keys(json)) as name from ${objects} order by name`,
    blame,
  );
  return rows.map(([name]) => String(name));
}

/** Copies the file's text without its mark, line by line. Throws `InputError` (`encoding`, `size`, `damaged`, `unreadable`). */
async function copyLines(file: TextFile, copy: string, change: (line: string) => string): Promise<void> {
  async function* changed(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
    let row = 0;
    for await (const lines of linesOf(chunks)) {
      const texts = lines.map((line) => {
        row++;
        const code = line.length > ROW_BYTES_MAX ? "size" : textFault(line);
        if (code !== undefined) throw faultAt(file, row, code);
        return change(line.toString("utf8"));
      });
      yield texts
        .map((text, i) => (row - texts.length + i === 0 ? text.replace(/^\ufeff/, "") : text))
        .join("\n");
      yield "\n";
    }
  }
  try {
    const output = createWriteStream(copy, { mode: 0o600 });
    await pipeline([...byteStages(file), changed, output] as NodeJS.ReadWriteStream[]);
  } catch (error) {
    throw readingError(file.name, error);
  }
}

/** Complete lines, some at a time, and at last what is behind the last line end. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer[]> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const lines = splitLines(Buffer.concat([pending, chunk]));
    pending = lines.pop() ?? Buffer.alloc(0);
    if (lines.length > 0) yield lines;
    if (pending.length > ROW_BYTES_MAX) break;
  }
  if (pending.length > 0) yield [pending];
}

/** Escapes of whole pairs, of halves that stand alone, and all others. */
const ESCAPES =
  /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|(u[dD][89a-fA-F][\da-fA-F]{2})|.)/g;

/** Halves of characters, which JSON can write and no text can hold, become `HALF`. */
function withoutHalves(line: string): string {
  return line.replaceAll(ESCAPES, (escape, half: string | undefined) => (half === undefined ? escape : HALF));
}

const numberAlias = (position: number): string => `${columnAlias(position)}_number`;

function pointerTo(name: string): string {
  return literal(`/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`);
}

/** A field's text; numbers without exponents, and NULL for NaN, which some writers put where there is nothing. */
function fieldText(name: string): string {
  const pointer = pointerTo(name);
  const text = `json_extract_string(json, ${pointer})`;
  const digits = `length(trim(regexp_replace(regexp_replace(${text}, '[eE].*$', ''), '[^0-9]', '', 'g'), '0'))`;
  return `case when json_type(json, ${pointer}) = 'DOUBLE' then
      case when ${text} <> 'NaN' then case when ${digits} > 15 then ${literal(LOST_DIGITS)} else '' end || ${plainDigits(text)} end
    else ${text} end`;
}

/** Reads the file line by line, slowly, to find which row to name. */
async function firstFault(file: TextFile): Promise<InputError | undefined> {
  let row = 0;
  let fault: InputError | undefined;
  await withBytes(file, async (chunks) => {
    for await (const lines of linesOf(chunks)) {
      for (const line of lines) {
        row++;
        const code = lineFault(line);
        if (code === undefined) continue;
        fault = faultAt(file, row, code);
        return;
      }
    }
  });
  return fault;
}

type LineFault = "encoding" | "json" | "size";

function faultAt({ name }: TextFile, row: number, code: LineFault): InputError {
  return new InputError(code, { file: name, row, remedy: code === "encoding" ? ENCODING_REMEDY : REMEDY });
}

function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return [...lines, bytes.subarray(start)];
}

function textFault(line: Buffer): "encoding" | undefined {
  return !isUtf8(line) || line.includes(0) ? "encoding" : undefined;
}

function lineFault(line: Buffer): LineFault | undefined {
  if (line.length > ROW_BYTES_MAX) return "size";
  if (textFault(line) !== undefined) return "encoding";
  const text = line.toString("utf8").trim();
  if (text === "") return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return "json";
    return repeatsField(text) ? "json" : undefined;
  } catch {
    return "json";
  }
}

/** Whether an object has a field twice: JSON.parse would silently keep the last. */
function repeatsField(text: string): boolean {
  const seen = new Set<string>();
  let depth = 0;
  for (const [token, name] of text.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}[\]]/gu)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (depth === 1 && name !== undefined) {
      const field = JSON.parse(name) as string;
      if (seen.has(field)) return true;
      seen.add(field);
    }
  }
  return false;
}
