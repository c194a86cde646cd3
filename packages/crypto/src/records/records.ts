// Records of one width in parts, each part read in the order in which it was written.
import type { FileHandle } from "node:fs/promises";
import { ScratchError, scratchError, sealedBytes } from "./seal.ts";
import type { RecordStore } from "./store.ts";

/** The pages that all parts fill at the same time have so much together, unless they were too small then. */
const FILLING_BYTES = 64 * 2 ** 20;
const PAGE_BYTES_MIN = 4096;
/** Records that an unused part has room for. */
const RECORDS_FIRST = 8;
/** What may wait to be written before a writer has to wait. */
const WRITING_BYTES_MAX = 2 ** 24;
const WORD_BYTES = 4;

type Words = Uint32Array<ArrayBuffer>;
interface WrittenPage {
  readonly at: number;
  readonly bytes: number;
  readonly number: number;
}
type Page = Words | WrittenPage;

interface Part {
  /** Full ones. */
  readonly pages: Page[];
  filling: Words;
  /** Words in it. */
  used: number;
}

export class StoredRecords {
  /** Words of a record. */
  readonly words: number;
  readonly #store: RecordStore;
  readonly #parts: Part[];
  readonly #pageWords: number;
  #held = 0;
  #file: Promise<FileHandle> | undefined;
  #fileBytes = 0;
  #writingBytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  /** The page that was read last: who reads in order in small pieces comes to it again. */
  #last: { readonly page: WrittenPage; readonly words: Promise<Words> } | undefined;

  /** Only a store makes one. */
  constructor(store: RecordStore, words: number, parts: number) {
    this.#store = store;
    this.words = words;
    const bytes = Math.min(store.pageBytes, Math.max(PAGE_BYTES_MIN, FILLING_BYTES / parts));
    this.#pageWords = Math.max(1, Math.floor(bytes / (words * WORD_BYTES))) * words;
    this.#parts = Array.from({ length: parts }, () => ({ pages: [], filling: new Uint32Array(0), used: 0 }));
  }

  get parts(): number {
    return this.#parts.length;
  }

  /** Records of one part. */
  count(part = 0): number {
    const { pages, used } = this.#parts[part]!;
    return (pages.length * this.#pageWords + used) / this.words;
  }

  /** Adds whole records to a part. Who adds many waits for `settled` now and then. */
  append(records: Uint32Array, part = 0): void {
    const to = this.#parts[part]!;
    for (let at = 0; at < records.length;) {
      const room = this.#roomIn(to, records.length - at);
      to.filling.set(records.subarray(at, at + room), to.used);
      this.#filled(to, room);
      at += room;
    }
  }

  /** Adds record i to part `partOf[i]`. */
  scatter(records: Uint32Array, partOf: ArrayLike<number>): void {
    const { words } = this;
    for (let i = 0, at = 0; at < records.length; i++) {
      const to = this.#parts[partOf[i]!]!;
      this.#roomIn(to, words);
      const { filling, used } = to;
      for (let word = 0; word < words; word++) filling[used + word] = records[at++]!;
      this.#filled(to, words);
    }
  }

  /** Waits while too much is still to be written. Errors: ScratchError. */
  async settled(): Promise<void> {
    if (this.#writingBytes > WRITING_BYTES_MAX) await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** A part page after page, whole records each; nothing is added meanwhile. Errors: ScratchError. */
  async *read(part = 0): AsyncGenerator<Words> {
    const { pages, filling, used } = this.#parts[part]!;
    for (const page of pages) yield await this.#load(page);
    if (used > 0) yield filling.subarray(0, used);
  }

  /** Records `start` up to `end` of a part, as many as there are. Errors: ScratchError. */
  async slice(start = 0, end = Infinity, part = 0): Promise<Words> {
    const { pages, filling, used } = this.#parts[part]!;
    const first = start * this.words;
    const last = Math.min(end, this.count(part)) * this.words;
    const slice = new Uint32Array(Math.max(0, last - first));
    for (let number = Math.floor(first / this.#pageWords); number * this.#pageWords < last; number++) {
      const page = number < pages.length ? await this.#load(pages[number]!) : filling.subarray(0, used);
      const begins = number * this.#pageWords;
      const from = Math.max(first, begins);
      slice.set(page.subarray(from - begins, last - begins), from - first);
    }
    return slice;
  }

  /** Forgets the records and gives up their file. */
  async close(): Promise<void> {
    this.#store.forget(this);
    this.#store.giveBack(this.#held);
    this.#held = 0;
    this.#parts.length = 0;
    this.#last = undefined;
    await this.#writing;
    const file = await this.#file?.catch(() => undefined);
    this.#file = undefined;
    await file?.close();
  }

  /** Makes room in a part's page for so many words or as many as fit, a record at least. */
  #roomIn(part: Part, wanted: number): number {
    const { filling, used } = part;
    if (used === filling.length) {
      const grown = Math.max(2 * used, used + Math.min(wanted, this.#pageWords), RECORDS_FIRST * this.words);
      part.filling = new Uint32Array(Math.min(this.#pageWords, grown));
      part.filling.set(filling);
    }
    return Math.min(wanted, part.filling.length - used);
  }

  #filled(part: Part, words: number): void {
    part.used += words;
    if (part.used < this.#pageWords) return;
    part.pages.push(this.#put(part.filling));
    part.filling = new Uint32Array(0);
    part.used = 0;
  }

  #put(page: Words): Page {
    if (this.#store.take(page.byteLength)) {
      this.#held += page.byteLength;
      return page;
    }
    const { number, sealed } = this.#store.pages.seal(new Uint8Array(page.buffer));
    const at = this.#fileBytes;
    this.#fileBytes += sealed.length;
    this.#writingBytes += sealed.length;
    this.#file ??= this.#store.file();
    this.#writing = this.#write(this.#writing, this.#file, sealed, at);
    return { at, bytes: page.byteLength, number };
  }

  /** One page after the other; never rejects: what failed is told to whoever waits or reads. */
  async #write(
    before: Promise<void>,
    file: Promise<FileHandle>,
    sealed: Uint8Array,
    at: number,
  ): Promise<void> {
    await before;
    try {
      if (this.#failure === undefined) await (await file).write(sealed, 0, sealed.length, at);
    } catch (error) {
      this.#failure ??= error instanceof ScratchError ? error : scratchError(error);
    }
    this.#writingBytes -= sealed.length;
  }

  async #load(page: Page): Promise<Words> {
    if (page instanceof Uint32Array) return page;
    if (this.#last?.page !== page) this.#last = { page, words: this.#open(page) };
    return await this.#last.words;
  }

  async #open({ at, bytes, number }: WrittenPage): Promise<Words> {
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
    const sealed = Buffer.alloc(sealedBytes(bytes));
    try {
      const { bytesRead } = await (await this.#file!).read(sealed, 0, sealed.length, at);
      if (bytesRead < sealed.length) throw new RangeError("a short read");
    } catch (error) {
      throw scratchError(error);
    }
    return new Uint32Array(this.#store.pages.open(number, sealed).buffer);
  }
}
