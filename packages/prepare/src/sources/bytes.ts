// A file's bytes, decompressed if it is a gzip file, and what damage to it means.
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { InputError } from "../errors.ts";

const CHUNK_BYTES = 1 << 18;

/** The streams that give a file's bytes, for `pipeline`. Its errors go through `readingError`. */
export function byteStages(file: string): (NodeJS.ReadableStream | NodeJS.ReadWriteStream)[] {
  const source = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  return isGzip(file) ? [source, createGunzip({ chunkSize: CHUNK_BYTES })] : [source];
}

/** Runs `read` on the file's bytes, which may stop before their end. Throws `InputError` (`unreadable`, `damaged`), and whatever `read` throws. */
export async function withBytes(
  file: string,
  read: (chunks: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  let finished = false;
  const readThrough = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    await read(chunks);
    finished = true;
  };
  try {
    await pipeline([...byteStages(file), readThrough as unknown as NodeJS.WritableStream]);
  } catch (error) {
    if (!(finished && isAbort(error))) throw readingError(file, error);
  }
}

/** What a pipeline throws when its consumer wants no more. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || isPrematureClose(error));
}

function isPrematureClose(error: Error): boolean {
  return "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
}

function isGzip(file: string): boolean {
  return file.endsWith(".gz");
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
  return new InputError("damaged", { file, remedy: "It is not a complete gzip file; copy it again." });
}
