// CSV files by RFC 4180, but for what separates fields: a header row, double quotes; rows end in CRLF, LF or CR; with or without a
// byte order mark. Blank lines are skipped. Anything else irregular is an error: a row read wrongly is worse than none.
import { isUtf8 } from "node:buffer";
import { pipeline } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";
import { InputError } from "../errors.ts";
import { byteStages, isAbort, readingError, type TextFile } from "./bytes.ts";
import { delimiterName, type Dialect } from "./csv-dialect.ts";

/** Longest row, and so longest field, in bytes. */
export const ROW_BYTES_MAX = 1 << 20;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export const ENCODING_REMEDY =
  "Save the file in UTF-8, or say what it is, for example --encoding windows-1252.";

const REMEDIES = {
  encoding: ENCODING_REMEDY,
  size: "Look for a missing line break or closing quote.",
  quotes: "A field with a quote, separator or line break is quoted whole, each quote in it doubled.",
};

/** Is given one row: its fields in the order of the header, and its number (the header is row 1). */
export type RowVisitor = (fields: readonly string[], row: number) => void | Promise<void>;

/**
 * Streams a CSV file: `open` is given the header and returns the visitor of rows. Memory is bounded by one chunk and the
 * longest row. Returns the number of rows below the header.
 *
 * Throws `InputError`, and whatever `open` and the visitor throw.
 */
export async function readCsv(
  text: TextFile,
  { delimiter, announced }: Dialect,
  open: (header: readonly string[]) => RowVisitor,
): Promise<number> {
  const file = text.name;
  const parser = parse({
    bom: true,
    delimiter,
    record_delimiter: ["\r\n", "\n", "\r"],
    max_record_size: ROW_BYTES_MAX,
    relax_column_count: true,
  });
  let stop: keyof typeof REMEDIES | undefined;

  // The parser is given whole lines, up to the first that is damaged or too long, and then the end of the file: the row it is in
  // is then the faulty one, even if that row began lines earlier. Its own decoder would turn different bytes into the same
  // U+FFFD.
  async function* soundLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let pending: Buffer = Buffer.alloc(0);
    for await (const chunk of chunks) {
      const bytes = Buffer.concat([pending, chunk]);
      const end = Math.max(bytes.lastIndexOf(LINE_FEED), bytes.lastIndexOf(CARRIAGE_RETURN)) + 1;
      const lines = bytes.subarray(0, end);
      pending = bytes.subarray(end);
      if (!isText(lines)) stop = "encoding";
      else if (pending.length > ROW_BYTES_MAX) stop = "size";
      yield stop === "encoding" ? soundPrefix(lines) : lines;
      if (stop !== undefined) return;
    }
    if (isText(pending)) yield pending;
    else stop = "encoding";
  }

  // A line that announces the separator is no row.
  let row = announced ? -1 : 0;
  let rows = 0;
  let fieldCount = 0;
  let visit: RowVisitor | undefined;
  const takeRow = (fields: string[]): void | Promise<void> => {
    row++;
    if (row === 0) return undefined;
    if (fields.length === 1 && fields[0] === "") return undefined;
    if (visit === undefined) {
      fieldCount = fields.length;
      visit = open(fields);
      return undefined;
    }
    if (fields.length !== fieldCount) {
      const remedy = `It has ${fields.length}, the header ${fieldCount}; put double quotes around fields that hold the separator (${delimiterName(delimiter)}).`;
      throw new InputError("fields", { file, row, remedy });
    }
    rows++;
    return visit(fields, row);
  };

  try {
    const takeRows = async (records: AsyncIterable<string[]>): Promise<void> => {
      for await (const fields of records) {
        const taken = takeRow(fields);
        if (taken !== undefined) await taken;
      }
    };
    const bytes = byteStages(text);
    await pipeline([...bytes, soundLines, parser, takeRows] as NodeJS.ReadWriteStream[]);
  } catch (error) {
    // The library's error contains the row's text, so it is not passed on, not even as a cause.
    if (error instanceof CsvError) stop ??= error.code === "CSV_MAX_RECORD_SIZE" ? "size" : "quotes";
    else if (stop === undefined || !isAbort(error)) throw readingError(file, error);
  }
  if (stop !== undefined) {
    const at = parser.info.records + (announced ? 0 : 1);
    throw new InputError(stop, { file, row: at, remedy: REMEDIES[stop] });
  }
  if (visit === undefined)
    throw new InputError("empty", { file, remedy: "Its first row must name the columns." });
  return rows;
}

/** Text is valid UTF-8 without NUL, which is a sign of UTF-16 or of a broken export. */
function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}

function soundPrefix(lines: Buffer): Buffer {
  let start = 0;
  for (let i = 0; i < lines.length; i++) {
    if (lines[i] !== LINE_FEED && lines[i] !== CARRIAGE_RETURN) continue;
    if (!isText(lines.subarray(start, i))) break;
    start = i + 1;
  }
  return lines.subarray(0, start);
}
