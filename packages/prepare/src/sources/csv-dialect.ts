// What separates the fields of a CSV file: the dataset says so, or the file's first line (`sep=;`, as Excel reads it), or the header
// where that is certain.
import { parse } from "csv-parse/sync";
import { InputError } from "../errors.ts";
import { withBytes, type TextFile } from "./bytes.ts";

export interface Dialect {
  /** One ASCII character. */
  readonly delimiter: string;
  /** Whether the first line is `sep=` and no row. */
  readonly announced: boolean;
}

/** RFC 4180. */
export const COMMA: Dialect = { delimiter: ",", announced: false };

const CANDIDATES = [",", ";", "\t", "|"] as const;
const NAMES: Readonly<Record<string, string>> = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "pipe",
};

const SAMPLE_BYTES = 1 << 16;
const SAMPLE_ROWS = 50;

/** A delimiter in words. */
export function delimiterName(delimiter: string): string {
  return (
    NAMES[delimiter] ??
    (delimiter < " " ? `U+${delimiter.charCodeAt(0).toString(16).padStart(4, "0")}` : `"${delimiter}"`)
  );
}

/** Throws `InputError` (`delimiter`, `unreadable`, `damaged`). */
export async function dialectOf(file: TextFile, declared: string | undefined): Promise<Dialect> {
  const sample = await sampleOf(file);
  const announcement = /^"?sep=([^\w"\s]|\t)"?[ \t]*(?:\r\n|\n|\r|$)/i.exec(sample);
  const announced = announcement !== null;
  if (declared !== undefined) return { delimiter: declared, announced };
  if (announced) return { delimiter: announcement[1]!, announced };
  if (/\.tsv(?:\.\w+)?$/i.test(file.name)) return { delimiter: "\t", announced };
  return { delimiter: detected(file, sample), announced };
}

/** The file's first text, up to the last whole line. */
async function sampleOf(file: TextFile): Promise<string> {
  let bytes: Buffer = Buffer.alloc(0);
  await withBytes(file, async (chunks) => {
    for await (const chunk of chunks) {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length >= SAMPLE_BYTES) return;
    }
  });
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  const end = Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r"));
  return bytes.length < SAMPLE_BYTES || end < 0 ? text : text.slice(0, end + 1);
}

/** The one candidate that the header holds; of several, the only one that gives the first rows the header's number of fields. */
function detected({ name }: TextFile, sample: string): string {
  const header = headerOf(sample);
  const held = CANDIDATES.filter((candidate) => header.includes(candidate));
  if (held.length < 2) return held[0] ?? ",";
  const fitting = held.filter((delimiter) => fits(sample, delimiter));
  if (fitting.length === 1) return fitting[0]!;
  const names = held.map(delimiterName).join(" and ");
  const remedy = `Its header holds ${names}: say which it is, for example --delimiter '${held[0] === "\t" ? "tab" : held[0]}'.`;
  throw new InputError("delimiter", { file: name, remedy });
}

/** The first line that is not blank, without what is in quotes. */
function headerOf(sample: string): string {
  const outside = sample.replaceAll(/"[^"]*(?:"|$)/g, "");
  return /[^\r\n]+/.exec(outside)?.[0] ?? "";
}

function fits(sample: string, delimiter: string): boolean {
  try {
    const options = { delimiter, relax_column_count: true, skip_empty_lines: true, to: SAMPLE_ROWS } as const;
    const [header = [], ...rows] = parse(sample, options);
    return rows.length > 0 && rows.every((row) => row.length === header.length);
  } catch {
    return false;
  }
}
