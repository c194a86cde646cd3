// A text file's bytes as UTF-8: decompressed and decoded as its first bytes, its ending and its declaration say, and what damage to
// it means.
import { open } from "node:fs/promises";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { InputError } from "../errors.ts";
import { decoding, markOf, type Encoding } from "./encodings.ts";
import { unpackZstd } from "./zstd.ts";

const CHUNK_BYTES = 1 << 18;

/** As the engine spells them. */
export type Compression = "uncompressed" | "gzip" | "zstd";

/** A file, and what its owner calls it: its path, or the name of the object that it is a copy of. */
export interface SourceFile {
  readonly path: string;
  readonly name: string;
}

/** A file of text, looked at. */
export interface TextFile extends SourceFile {
  readonly compression: Compression;
  /** What the bytes are once decompressed; a byte order mark says more than a declaration. */
  readonly encoding: Encoding;
  /** Whether they begin with a byte order mark. */
  readonly marked: boolean;
  /** Whether there is nothing in it, or nothing but a mark. */
  readonly blank: boolean;
}

type Chunks = AsyncIterable<Buffer>;

/**
 * Looks at a file's first bytes. A compressed file is known by what it begins with, whatever its name; by its ending only if it begins
 * otherwise, and then it is damaged. Throws `InputError` (`unreadable`, `damaged`, `archive`).
 */
export async function lookAt(file: SourceFile, declared: Encoding): Promise<TextFile> {
  const { path, name } = file;
  const compression = compressionOf(name, await firstBytes(file));
  const raw = { path, name, compression, encoding: "utf-8", marked: false, blank: false } as const;
  let first: Buffer = Buffer.alloc(0);
  await withRawBytes(raw, async (chunks) => {
    for await (const chunk of chunks) {
      first = Buffer.concat([first, chunk]);
      if (first.length >= 4) return;
    }
  });
  const mark = markOf(first);
  return {
    path,
    name,
    compression,
    encoding: mark?.encoding ?? declared,
    marked: mark !== undefined,
    blank: first.length === (mark?.bytes ?? 0),
  };
}

const SIGNATURES: readonly (readonly [what: Compression | "archive", bytes: readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["archive", [0x50, 0x4b, 0x03, 0x04]],
];

function compressionOf(name: string, first: Buffer): Compression {
  const [what] = SIGNATURES.find(([, bytes]) => bytes.every((byte, i) => first[i] === byte)) ?? [];
  if (what === "archive") {
    const remedy = "Take the file out of it; from a spreadsheet, save the sheet as CSV in UTF-8.";
    throw new InputError("archive", { file: name, remedy });
  }
  if (what !== undefined) return what;
  if (/\.gz$/i.test(name)) return "gzip";
  return /\.zst$/i.test(name) ? "zstd" : "uncompressed";
}

async function firstBytes({ path, name }: SourceFile): Promise<Buffer> {
  try {
    const handle = await open(path);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw readingError(name, error);
  }
}

/** The stages that give a file's bytes as UTF-8, for `pipeline`; what is no text becomes a byte that UTF-8 does not have. Its errors go through `readingError`. */
export function byteStages(file: TextFile): unknown[] {
  const decode = decoding(file.encoding);
  return decode === undefined ? rawStages(file) : [...rawStages(file), decode];
}

function rawStages({ path, compression }: TextFile): unknown[] {
  const source = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  if (compression === "gzip") return [source, createGunzip({ chunkSize: CHUNK_BYTES })];
  return compression === "zstd" ? [source, unpackZstd] : [source];
}

/** Runs `read` on the file's text, which may stop before its end. Throws `InputError` (`unreadable`, `damaged`), and whatever `read` throws. */
export async function withBytes(file: TextFile, read: (chunks: Chunks) => Promise<void>): Promise<void> {
  await reading(file, byteStages(file), read);
}

async function withRawBytes(file: TextFile, read: (chunks: Chunks) => Promise<void>): Promise<void> {
  await reading(file, rawStages(file), read);
}

async function reading(
  { name }: TextFile,
  stages: unknown[],
  read: (chunks: Chunks) => Promise<void>,
): Promise<void> {
  let finished = false;
  const readThrough = async (chunks: Chunks): Promise<void> => {
    await read(chunks);
    finished = true;
  };
  try {
    await pipeline([...stages, readThrough] as NodeJS.ReadWriteStream[]);
  } catch (error) {
    if (!(finished && isAbort(error))) throw readingError(name, error);
  }
}

/** What a pipeline throws when its consumer wants no more. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || isPrematureClose(error));
}

function isPrematureClose(error: Error): boolean {
  return "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
}

/** Turns an error from the system or from decompression into an `InputError`; any other is returned as it is. */
export function readingError(file: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return error;
  if ("syscall" in error) {
    return new InputError("unreadable", {
      file,
      remedy: `The system says ${error.code}: check its path and rights.`,
    });
  }
  if (!error.code.startsWith("Z_")) return error;
  return new InputError("damaged", { file, remedy: "It is not a complete compressed file; copy it again." });
}
