// Objects of S3-compatible stores, listed and copied. A transfer that breaks off goes on where it stopped, if the object is still the one
// that was listed.
import { createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { InputError } from "../../errors.ts";
import { faultOf, openClient, statusOf } from "./client.ts";
import { SCHEME } from "./names.ts";

export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  /** What the owner calls it. */
  readonly name: string;
  readonly bytes: number;
  /** Changes with the content. */
  readonly tag: string;
}

/** More names than this are a mistake in the prefix. */
const OBJECTS_MAX = 100_000;
/** How often in a row a transfer may fail before as much as this has come. */
const FAILURES_MAX = 5;
const PROGRESS_BYTES = 1 << 20;
const PAUSE_MS = 200;
const PATIENCE = { connectMs: 10_000, silentMs: 60_000 };

export class ObjectStore {
  readonly #client: S3Client = openClient(PATIENCE);

  /** All objects whose keys begin with the prefix, by key. Throws `InputError` (`store`, `credentials`, `nofiles`). */
  async list(bucket: string, prefix: string): Promise<ReadonlyMap<string, StoredObject>> {
    const name = `${SCHEME}${bucket}/${prefix}`;
    const objects = new Map<string, StoredObject>();
    let from: string | undefined;
    do {
      const request = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: from });
      const page = await this.#client.send(request).catch((error: unknown) => {
        throw storeError(error, name);
      });
      for (const { Key: key = "", Size: bytes = 0, ETag: tag = "" } of page.Contents ?? []) {
        objects.set(key, { bucket, key, name: `${SCHEME}${bucket}/${key}`, bytes, tag });
      }
      if (objects.size > OBJECTS_MAX) {
        const remedy = `More than ${OBJECTS_MAX} names begin so: name a narrower prefix.`;
        throw new InputError("nofiles", { file: name, remedy });
      }
      from = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (from !== undefined);
    return objects;
  }

  /** Copies an object into a file that only this user may read. Throws `InputError` (`store`, `credentials`, `changed`). */
  async copy(object: StoredObject, path: string): Promise<void> {
    let failures = 0;
    let received = 0;
    for (;;) {
      let failure: unknown;
      try {
        await this.#append(object, path, received);
      } catch (error) {
        if (!isTransient(error)) throw storeError(error, object.name);
        failure = error;
      }
      const { size } = await stat(path).catch(() => ({ size: 0 }));
      if (size === object.bytes && failure === undefined) return;
      failures = size - received >= PROGRESS_BYTES ? 1 : failures + 1;
      if (failures >= FAILURES_MAX) throw storeError(failure, object.name);
      // Whole and still an error, or too long: what is there is not the object.
      received = size < object.bytes ? size : 0;
      if (received === 0) await rm(path, { force: true });
      await pause(PAUSE_MS * failures);
    }
  }

  async #append({ bucket, key, name, tag, bytes }: StoredObject, path: string, from: number): Promise<void> {
    const range = from === 0 || from >= bytes ? {} : { Range: `bytes=${from}-` };
    const request = new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: tag, ...range });
    const { Body, ETag, ContentRange } = await this.#client.send(request);
    // Not every store looks at If-Match.
    if (ETag !== tag) throw changed(name);
    // Nor at a range: then it begins again.
    const flags = ContentRange?.startsWith(`bytes ${from}-`) === true ? "a" : "w";
    await pipeline(Body as Readable, createWriteStream(path, { mode: 0o600, flags }));
  }

  close(): void {
    this.#client.destroy();
  }
}

function changed(file: string): InputError {
  return new InputError("changed", { file, remedy: "Run it again when nothing is writing to the object." });
}

/** Whether it may go better the next time: not with an answer of the store that says what is wrong with the question. */
function isTransient(error: unknown): boolean {
  if (error instanceof InputError || !(error instanceof Error) || isFull(error)) return false;
  const status = statusOf(error);
  const ofQuestion = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return !ofQuestion && error.name !== "CredentialsProviderError";
}

/** Whether this machine has no room for the copy. */
function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
}

function storeError(error: unknown, file: string): unknown {
  if (error instanceof InputError) return error;
  if (isFull(error)) {
    return new InputError("resources", {
      file,
      remedy: "Objects are copied first: give it a scratch folder with more room.",
    });
  }
  if (statusOf(error) === 412) return changed(file);
  const { about, remedy } = faultOf(error);
  return new InputError(about, { file, remedy });
}
