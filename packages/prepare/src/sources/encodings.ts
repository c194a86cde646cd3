// Encodings of text files: what a byte order mark says, and the way from each to UTF-8.

/** As the WHATWG's Encoding Standard names them. */
export const ENCODINGS = [
  "utf-8",
  "utf-16le",
  "utf-16be",
  "windows-1250",
  "windows-1251",
  "windows-1252",
  "windows-1253",
  "windows-1254",
  "iso-8859-1",
  "iso-8859-2",
  "iso-8859-15",
] as const;
export type Encoding = (typeof ENCODINGS)[number];

const MARKS: readonly (readonly [encoding: Encoding, bytes: readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** The byte order mark at a file's start, and its length; undefined if there is none. */
export function markOf(first: Buffer): { encoding: Encoding; bytes: number } | undefined {
  const found = MARKS.find(([, bytes]) => bytes.every((byte, i) => first[i] === byte));
  return found && { encoding: found[0], bytes: found[1].length };
}

/** Occurs nowhere in UTF-8, so that whoever reads on finds the row at fault. */
const NO_TEXT = Buffer.of(0xff);

/** A stage from an encoding to UTF-8, which keeps a mark; undefined for UTF-8 itself. Whatever has no character becomes the byte FF. */
export function decoding(
  encoding: Encoding,
): ((chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer>) | undefined {
  if (encoding === "utf-8") return undefined;
  return encoding === "utf-16le" || encoding === "utf-16be"
    ? (chunks) => fromUtf16(chunks, encoding === "utf-16be")
    : (chunks) => fromSingleBytes(chunks, encoding);
}

/** Of a byte without a character the library makes U+FFFD; the controls U+0080 to U+009F, which the ISO tables have, are in no text. */
const NO_CHARACTER = /[\u0080-\u009f\ufffd]/u;

async function* fromSingleBytes(chunks: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<Buffer> {
  // Loaded only for such a file. The decoder of Node.js takes windows-1252 for iso-8859-1 in some of its versions.
  const { default: iconv } = await import("iconv-lite");
  for await (const chunk of chunks) {
    const text = iconv.decode(chunk, encoding);
    yield encoded(text, NO_CHARACTER, NO_CHARACTER.test(text));
  }
}

const HALF = /\p{Surrogate}/u;

async function* fromUtf16(chunks: AsyncIterable<Buffer>, bigEndian: boolean): AsyncGenerator<Buffer> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([pending, chunk]);
    const end = unitsEnd(bytes, bigEndian);
    pending = Buffer.from(bytes.subarray(end));
    yield utf16(Buffer.from(bytes.subarray(0, end)), bigEndian);
  }
  const whole = pending.length & ~1;
  yield utf16(pending.subarray(0, whole), bigEndian);
  if (whole < pending.length) yield NO_TEXT;
}

/** Where the last complete character ends: not within a unit, nor behind the first half of a pair. */
function unitsEnd(bytes: Buffer, bigEndian: boolean): number {
  const end = bytes.length & ~1;
  if (end === 0) return 0;
  const high = bytes[bigEndian ? end - 2 : end - 1]!;
  return (high & 0xfc) === 0xd8 ? end - 2 : end;
}

function utf16(bytes: Buffer, bigEndian: boolean): Buffer {
  const text = (bigEndian ? bytes.swap16() : bytes).toString("utf16le");
  return encoded(text, HALF, HALF.test(text));
}

function encoded(text: string, fault: RegExp, faulty: boolean): Buffer {
  if (!faulty) return Buffer.from(text);
  return Buffer.concat(
    text.split(fault).flatMap((part, i) => (i === 0 ? [Buffer.from(part)] : [NO_TEXT, Buffer.from(part)])),
  );
}
