// A fast pass over a CSV file before the engine reads it: is it regular (RFC 4180), and what must the engine be told? The engine
// accepts much that is not regular, and guesses each time; it is never given a file that this pass does not find regular.
import { isUtf8 } from "node:buffer";
import { parse } from "csv-parse/sync";
import { withBytes, type TextFile } from "./bytes.ts";
import { ROW_BYTES_MAX } from "./csv-rows.ts";

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export interface CsvShape {
  readonly header: readonly string[];
  readonly lineEnd: "\n" | "\r\n";
  /** Whether a quoted field contains a line break: the engine must not read such a file in parallel pieces. */
  readonly brokenFields: boolean;
  /** Rows below the header. */
  readonly rows: number;
}

/** The scanner's state: before a field's first byte, in a plain field, in a quoted one, or after a quote in that. */
const [START, PLAIN, QUOTED, QUOTE_SEEN, RETURN_SEEN] = [0, 1, 2, 3, 4] as const;

class Scanner {
  /** False once anything is irregular; `readCsv` lists what. */
  regular = true;
  brokenFields = false;
  rows = -1;
  header: readonly string[] = [];
  lineEnd: "\n" | "\r\n" | undefined;
  #state: number = START;
  #fields = 1;
  #rowBytes = 0;
  #headerBytes: Buffer[] = [];
  readonly #delimiter: string;
  readonly #delimiterByte: number;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
    this.#delimiterByte = delimiter.charCodeAt(0);
  }

  /** Takes the next bytes of the file. */
  take(bytes: Buffer): void {
    const delimiter = this.#delimiterByte;
    let rowStart = 0;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (this.#state === QUOTED) {
        if (byte === QUOTE) this.#state = QUOTE_SEEN;
        else if (byte === LINE_FEED || byte === CARRIAGE_RETURN) this.brokenFields = true;
      } else if (byte === delimiter && this.#state !== RETURN_SEEN) {
        this.#fields++;
        this.#state = START;
      } else if (byte === LINE_FEED) {
        this.#endRow(bytes, rowStart, i + 1);
        rowStart = i + 1;
      } else if (byte > QUOTE && this.#state <= PLAIN) {
        this.#state = PLAIN;
      } else {
        this.#takeRare(byte);
      }
      if (!this.regular) return;
    }
    this.#rowBytes += bytes.length - rowStart;
    if (this.rows < 0) this.#headerBytes.push(bytes.subarray(rowStart));
    if (this.#rowBytes > ROW_BYTES_MAX) this.regular = false;
  }

  #takeRare(byte: number): void {
    if (byte === QUOTE) {
      if (this.#state === START || this.#state === QUOTE_SEEN) this.#state = QUOTED;
      else this.regular = false;
    } else if (byte === CARRIAGE_RETURN && this.#state !== RETURN_SEEN) {
      this.#state = RETURN_SEEN;
    } else if (this.#state <= PLAIN && byte !== 0) {
      this.#state = PLAIN;
    } else {
      this.regular = false;
    }
  }

  #endRow(bytes: Buffer, start: number, end: number): void {
    const lineEnd = this.#state === RETURN_SEEN ? "\r\n" : "\n";
    const rowBytes = this.#rowBytes + end - start;
    this.lineEnd ??= lineEnd;
    // Blank lines, mixed line ends and long rows are left to the careful reader.
    const blank = rowBytes === lineEnd.length;
    if (blank || lineEnd !== this.lineEnd || rowBytes > ROW_BYTES_MAX) this.regular = false;
    else if (this.rows < 0) this.#takeHeader(bytes.subarray(start, end));
    else if (this.#fields !== this.header.length) this.regular = false;
    this.rows++;
    this.#rowBytes = 0;
    this.#fields = 1;
    this.#state = START;
  }

  #takeHeader(last: Buffer): void {
    const row = Buffer.concat([...this.#headerBytes, last]);
    this.#headerBytes = [];
    [this.header = []] = parse(row, { bom: true, delimiter: this.#delimiter });
    if (this.header.length !== this.#fields) this.regular = false;
  }

  /** The last row may lack its line end. */
  end(): void {
    if (this.#state === QUOTED || this.#state === RETURN_SEEN) this.regular = false;
    else if (this.regular && this.#rowBytes > 0) this.#endRow(Buffer.from("\n"), 0, 1);
    if (this.rows < 0) this.regular = false;
  }
}

/**
 * The shape of a regular file: UTF-8 without NUL, every row with the header's number of fields and the same kind of line end,
 * none blank or longer than 1 MiB. Undefined for any other file, which `readCsv` then reads or finds at fault.
 */
export async function scanCsv(file: TextFile, delimiter: string): Promise<CsvShape | undefined> {
  const scanner = new Scanner(delimiter);
  let cut: Buffer = Buffer.alloc(0);
  await withBytes(file, async (chunks) => {
    for await (const chunk of chunks) {
      scanner.take(chunk);
      const text = cut.length === 0 ? chunk : Buffer.concat([cut, chunk]);
      const end = characterEnd(text);
      if (!isUtf8(text.subarray(0, end)) || chunk.includes(0)) scanner.regular = false;
      if (!scanner.regular) return;
      cut = Buffer.from(text.subarray(end));
    }
    if (cut.length > 0) scanner.regular = false;
    scanner.end();
  });
  const { regular, header, brokenFields, rows, lineEnd = "\n" } = scanner;
  // In a file of one column, "" is a blank line to one reader and an empty field to the other.
  return regular && header.length > 1 ? { header, lineEnd, brokenFields, rows } : undefined;
}

/** Where the last complete character ends, if the bytes are UTF-8. */
function characterEnd(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0)
      return byte >= (back === 1 ? 0xc0 : back === 2 ? 0xe0 : 0xf0) ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
