// Newline-delimited JSON as relations of the engine: one object per line. Numbers are read as doubles, which all JSON readers
// agree on; a number of more than 15 digits must be written in quotes, or its row is dropped.
import { isUtf8 } from "node:buffer";
import type { Blame, Engine } from "../engine/engine.ts";
import { literal } from "../engine/sql.ts";
import { InputError } from "../errors.ts";
import { withBytes } from "./bytes.ts";
import { ROW_BYTES_MAX } from "./csv-rows.ts";
import { columnAlias, ROW, type Part } from "./part.ts";

/** Marks a number whose digits may be lost; no decimal number begins like this. */
export const LOST_DIGITS = "≈";

const REMEDY = "Write one object of plain fields a line, in UTF-8, as `jq -c .` does.";

/** Throws `InputError` (`json`, `encoding`, `size`, `damaged`, `unreadable`) for the first bad row. */
export async function ndjsonPart(engine: Engine, file: string): Promise<Part> {
  const blame: Blame = { code: "json", file, remedy: REMEDY };
  const objects = `read_ndjson_objects(${literal(file)}, maximum_object_size = ${ROW_BYTES_MAX},
    compression = '${file.endsWith(".gz") ? "gzip" : "uncompressed"}')`;
  const names = await fieldNames(engine, file, objects, blame);
  const fields = names.map((name, i) => `${fieldText(name)} as ${columnAlias(i)}`);
  return {
    label: file,
    relation: `select row_number() over () as ${ROW}, ${fields.length === 0 ? "null" : fields.join(", ")}
      from ${objects}`,
    columns: names.map((name) => ({ name, typed: false })),
    rowNumber: (row) => row,
  };
}

/** Every name that occurs in any row, sorted. */
async function fieldNames(engine: Engine, file: string, objects: string, blame: Blame): Promise<string[]> {
  const irregular = `json_type(json) <> 'OBJECT' or len(json_keys(json)) <> len(list_distinct(json_keys(json)))
    or strlen(json) > ${ROW_BYTES_MAX}`;
  try {
    const [[bad] = []] = await engine.rows(`select count(*) from ${objects} where ${irregular}`, blame);
    const rows = await engine.rows(
      `select distinct unnest(json_keys(json)) as name from ${objects} order by name`,
      blame,
    );
    if (bad === 0n) return rows.map(([name]) => String(name));
  } catch (error) {
    if (error instanceof InputError && error.code !== "json") throw error;
  }
  throw (await firstFault(file)) ?? new InputError("json", { file, remedy: REMEDY });
}

function fieldText(name: string): string {
  const pointer = literal(`/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`);
  const text = `json_extract_string(json, ${pointer})`;
  const digits = `length(ltrim(regexp_replace(regexp_replace(${text}, '[eE].*$', ''), '[^0-9]', '', 'g'), '0'))`;
  return `case when json_type(json, ${pointer}) = 'DOUBLE' and ${digits} > 15
    then ${literal(LOST_DIGITS)} || ${text} else ${text} end`;
}

/** Reads the file line by line, slowly, to find which row to name. */
async function firstFault(file: string): Promise<InputError | undefined> {
  let row = 0;
  let fault: InputError | undefined;
  const check = (line: Buffer): boolean => {
    row++;
    const code = lineFault(line);
    if (code !== undefined) fault = new InputError(code, { file, row, remedy: REMEDY });
    return fault !== undefined;
  };
  await withBytes(file, async (chunks) => {
    let pending: Buffer = Buffer.alloc(0);
    for await (const chunk of chunks) {
      const lines = splitLines(Buffer.concat([pending, chunk]));
      pending = lines.pop() ?? Buffer.alloc(0);
      if (lines.some(check)) return;
      if (pending.length > ROW_BYTES_MAX) break;
    }
    if (pending.length > 0) check(pending);
  });
  return fault;
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

function lineFault(line: Buffer): "encoding" | "json" | "size" | undefined {
  if (line.length > ROW_BYTES_MAX) return "size";
  if (!isUtf8(line) || line.includes(0)) return "encoding";
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
