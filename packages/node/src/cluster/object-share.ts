// A share in an S3-compatible store: objects whose names begin alike. A session's place is an object of its own that says so, the first to
// be made and the first to go. Names are read as they were written last, as AWS and the usual stores promise.
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { faultOf, openClient, statusOf } from "@halfroom/prepare/s3";
import { OperatorError } from "../errors.ts";
import { bucketAndPrefix, OWNER_FILE, SESSION, SessionOver, type Share } from "./share.ts";

/** Machines wait for it: after a few tries of so long the leader computes by itself. */
const PATIENCE = { connectMs: 5000, silentMs: 10_000 };
/** In a session's place: that it is there. */
const MARK = "open";
const OWNER_BYTES_MAX = 256;
const REMOVED_AT_ONCE = 16;
/** How often a place is looked through until nothing is left in it: a worker may be writing. */
const ROUNDS_MAX = 5;

export class ObjectShare implements Share {
  readonly name: string;
  readonly #bucket: string;
  /** What all names begin with: empty, or ends with a slash. */
  readonly #prefix: string;
  readonly #client: S3Client;

  /** Throws RangeError for anything but s3://BUCKET/PREFIX. */
  constructor(name: string) {
    const place = bucketAndPrefix(name);
    if (place === undefined) throw new RangeError("not the address of a place in an object store");
    this.name = name;
    this.#bucket = place.bucket;
    this.#prefix = place.prefix === "" ? "" : `${place.prefix}/`;
    this.#client = openClient(PATIENCE);
  }

  async owner(): Promise<string | undefined> {
    try {
      const bytes = await this.#get(`${this.#prefix}${OWNER_FILE}`, OWNER_BYTES_MAX);
      return bytes && Buffer.from(bytes).toString().trim();
    } catch (cause) {
      throw this.#unusable(cause);
    }
  }

  async setOwner(fingerprint: string): Promise<void> {
    try {
      await this.#put(`${this.#prefix}${OWNER_FILE}`, Buffer.from(`${fingerprint}\n`));
    } catch (cause) {
      throw this.#unusable(cause);
    }
  }

  async make(session: string): Promise<void> {
    await this.#put(this.#keyOf(session, MARK), new Uint8Array());
  }

  async removeAll(session: string): Promise<void> {
    try {
      await this.#delete(this.#keyOf(session, MARK));
      for (let round = 0; round < ROUNDS_MAX; round++) {
        const { keys } = await this.#list(`${this.#prefix}${session}/`);
        if (keys.length === 0) return;
        const waiting = keys.values();
        const removeNext = async () => {
          for (const key of waiting) await this.#delete(key);
        };
        await Promise.all(Array.from({ length: REMOVED_AT_ONCE }, removeNext));
      }
    } catch {
      // The next start finds what is left.
    }
  }

  async sessions(): Promise<string[]> {
    const { folders } = await this.#list(this.#prefix, "/");
    const names = folders.map((folder) => folder.slice(this.#prefix.length, -1));
    return names.filter((name) => SESSION.test(name));
  }

  async has(session: string): Promise<boolean> {
    return await this.hasFile(session, MARK);
  }

  async hasFile(session: string, name: string): Promise<boolean> {
    const request = new HeadObjectCommand({ Bucket: this.#bucket, Key: this.#keyOf(session, name) });
    try {
      await this.#client.send(request);
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw error;
    }
  }

  async read(session: string, name: string, bytesMax: number): Promise<Uint8Array | undefined> {
    return await this.#get(this.#keyOf(session, name), bytesMax);
  }

  /** Whoever removes a place removes its mark before it looks what is there: so what it did not see is removed here. */
  async write(session: string, name: string, bytes: Uint8Array): Promise<void> {
    const key = this.#keyOf(session, name);
    await this.#put(key, bytes);
    if (await this.has(session)) return;
    await this.#delete(key);
    throw new SessionOver("the session is over");
  }

  async remove(session: string, name: string): Promise<void> {
    await this.#delete(this.#keyOf(session, name));
  }

  close(): void {
    this.#client.destroy();
  }

  #keyOf(session: string, name: string): string {
    return `${this.#prefix}${session}/${name}`;
  }

  async #put(key: string, body: Uint8Array): Promise<void> {
    await this.#client.send(new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: body }));
  }

  async #delete(key: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));
  }

  /** Undefined if there is no such object; whether the bucket exists is another question. */
  async #get(key: string, bytesMax: number): Promise<Uint8Array | undefined> {
    const stop = new AbortController();
    const request = new GetObjectCommand({ Bucket: this.#bucket, Key: key });
    try {
      const { Body: body, ContentLength: length } = await this.#client.send(request, {
        abortSignal: stop.signal,
      });
      if (length === undefined || length > bytesMax)
        throw new RangeError("a file of the share is longer than it can be");
      const bytes = await body!.transformToByteArray();
      if (bytes.length !== length) throw new RangeError("a file of the share is shorter than it was");
      return bytes;
    } catch (error) {
      stop.abort();
      if (error instanceof Error && error.name === "NoSuchKey") return undefined;
      throw error;
    }
  }

  /** Names that begin so; with a delimiter those up to it, once, in place of the names that have one. */
  async #list(prefix: string, delimiter?: string): Promise<{ keys: string[]; folders: string[] }> {
    const keys: string[] = [];
    const folders: string[] = [];
    let from: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: prefix,
          Delimiter: delimiter,
          ContinuationToken: from,
        }),
      );
      keys.push(...(page.Contents ?? []).flatMap(({ Key: key }) => key ?? []));
      folders.push(...(page.CommonPrefixes ?? []).flatMap(({ Prefix: folder }) => folder ?? []));
      from = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (from !== undefined);
    return { keys, folders };
  }

  #unusable(cause: unknown): OperatorError {
    const { remedy } = faultOf(cause);
    const words = `Cannot use ${this.name}, which \`share\` (HALFROOM_SHARE) names. ${remedy}`;
    return new OperatorError("cluster", words, { cause });
  }
}
