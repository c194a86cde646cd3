// Where a process keeps what it holds of everybody at once: records of a fixed width, in memory up to a bound and beyond it, sealed, in
// files. A file has no name from the moment it is made, so that the system itself removes it, however the process ends.
import { randomBytes } from "node:crypto";
import { open, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { StoredRecords } from "./records.ts";
import { PageSeal, scratchError } from "./seal.ts";

const NAME_BYTES = 16;
/** Pages that are held before one is written: a session over a million people needs hardly any file. */
const MEMORY_BYTES = 256 * 2 ** 20;
const PAGE_BYTES = 2 ** 18;

interface RecordStoreOptions {
  /** Makes or finds a folder that only this user may enter, once it is needed; without it everything stays in memory. */
  readonly openFolder?: (() => Promise<string>) | undefined;
  readonly memoryBytes?: number | undefined;
  /** A page has no more, or one record. */
  readonly pageBytes?: number | undefined;
}

export class RecordStore {
  readonly pages = new PageSeal();
  readonly pageBytes: number;
  readonly #openFolder: RecordStoreOptions["openFolder"];
  readonly #open = new Set<StoredRecords>();
  #room: number;

  constructor({ openFolder, memoryBytes = MEMORY_BYTES, pageBytes = PAGE_BYTES }: RecordStoreOptions = {}) {
    this.pageBytes = pageBytes;
    this.#openFolder = openFolder;
    this.#room = openFolder === undefined ? Infinity : memoryBytes;
  }

  /** Room for records of `words` x 4 bytes, in `parts` that are read each by itself. */
  records(words: number, parts = 1): StoredRecords {
    const records = new StoredRecords(this, words, parts);
    this.#open.add(records);
    return records;
  }

  /** Forgets all records. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map((records) => records.close()));
  }

  /** Whether so many bytes may stay in memory; if so they count until they are given back. */
  take(bytes: number): boolean {
    if (bytes > this.#room) return false;
    this.#room -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#room += bytes;
  }

  /** A new file that has lost its name already. Errors: ScratchError; those of opening the folder. */
  async file(): Promise<FileHandle> {
    const folder = await this.#openFolder!();
    const path = join(folder, `records-${randomBytes(NAME_BYTES).toString("hex")}`);
    try {
      const file = await open(path, "wx+", 0o600);
      await unlink(path);
      return file;
    } catch (cause) {
      throw scratchError(cause);
    }
  }

  forget(records: StoredRecords): void {
    this.#open.delete(records);
  }
}
