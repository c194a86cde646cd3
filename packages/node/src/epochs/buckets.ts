// How cached pseudonyms, and people who were in a run of a series, are laid out: a person is found by a keyed 16-byte tag whose first bits
// select a bucket; a bucket is read, unsealed and searched as a whole. Records: tag, 16 bytes; of a pseudonym that follows, 64 bytes.
import { setImmediate } from "node:timers/promises";
import { OUTPUT_BYTES } from "@halfroom/match";
import type { Store } from "../store/store.ts";
import { TAG_BYTES } from "./tags.ts";

export const BUCKETS = 1024;
const BUCKET_SHIFT = 6;
export const RECORD_BYTES = TAG_BYTES + OUTPUT_BYTES;
/** Buckets processed in one go; between two goes the event loop serves its connections. */
export const BUCKETS_AT_ONCE = 16;
export const TAG_WORDS = TAG_BYTES / 4;
export const RECORD_WORDS = RECORD_BYTES / 4;
const FREE = -1;

/** People grouped by the bucket of their tags (people x 16 bytes): all, or only the given ones, in order. */
export class Buckets {
  readonly #people: Uint32Array;
  /** Where each bucket begins in `people`, and where the last one ends. */
  readonly #starts = new Uint32Array(BUCKETS + 1);

  constructor(tags: Uint8Array, only?: Uint32Array) {
    const count = only?.length ?? tags.length / TAG_BYTES;
    const starts = this.#starts;
    for (let i = 0; i < count; i++) starts[bucketOf(tags, only?.[i] ?? i) + 1]!++;
    for (let bucket = 0; bucket < BUCKETS; bucket++) starts[bucket + 1]! += starts[bucket]!;
    const next = starts.slice();
    this.#people = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const person = only?.[i] ?? i;
      this.#people[next[bucketOf(tags, person)]!++] = person;
    }
  }

  people(bucket: number): Uint32Array {
    return this.#people.subarray(this.#starts[bucket], this.#starts[bucket + 1]);
  }
}

/** That of the person's tag, people x 16 bytes. */
export function bucketOf(tags: Uint8Array, person: number): number {
  const at = person * TAG_BYTES;
  return ((tags[at]! << 8) | tags[at + 1]!) >>> BUCKET_SHIFT;
}

/** A bucket's records by tag: open addressing in a table of at least twice their number. Of two records with the same tag the last one counts. */
export class Records {
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #table: Int32Array;
  readonly #recordBytes: number;

  /** `bytes` must start at a multiple of four; a record is a tag and whatever follows it. */
  constructor(bytes: Uint8Array, recordBytes: number = RECORD_BYTES) {
    this.#bytes = bytes;
    this.#words = wordsOf(bytes);
    this.#recordBytes = recordBytes;
    const count = bytes.length / recordBytes;
    this.#table = new Int32Array(2 ** Math.ceil(Math.log2(2 * count + 1))).fill(FREE);
    for (let record = 0; record < count; record++) {
      this.#table[this.#slot(this.#words, (record * recordBytes) / 4)] = record;
    }
  }

  /** Whether there is a record under the tag that begins at `tags[at]`. */
  has(tags: Uint32Array, at: number): boolean {
    return this.#table[this.#slot(tags, at)] !== FREE;
  }

  /** The pseudonym, 16 words, under the tag that begins at `tags[at]`; undefined if there is none. */
  find(tags: Uint32Array, at: number): Uint32Array | undefined {
    const record = this.#table[this.#slot(tags, at)]!;
    if (record === FREE) return undefined;
    return this.#words.subarray(record * RECORD_WORDS + TAG_WORDS, (record + 1) * RECORD_WORDS);
  }

  /** The records that belong to none of these people. */
  without(tags: Uint8Array, people: Uint32Array): Uint8Array {
    const gone = new Set<number>();
    const words = wordsOf(tags);
    for (const person of people) gone.add(this.#table[this.#slot(words, person * TAG_WORDS)]!);
    const each = this.#recordBytes;
    const count = this.#bytes.length / each;
    const kept = Array.from({ length: count }, (_, record) => record).filter((record) => !gone.has(record));
    const bytes = new Uint8Array(kept.length * each);
    kept.forEach((record, i) => {
      bytes.set(this.#bytes.subarray(record * each, (record + 1) * each), i * each);
    });
    return bytes;
  }

  /** The slot of the tag that begins at `words[at]`, or the free slot where it would go. */
  #slot(words: Uint32Array, at: number): number {
    const mask = this.#table.length - 1;
    // The first word holds the bucket's bits, the same in all tags here; tags are pseudorandom, so any other word will do.
    let slot = words[at + 1]! & mask;
    for (;;) {
      const record = this.#table[slot]!;
      if (record === FREE || this.#isTag(record, words, at)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #isTag(record: number, words: Uint32Array, at: number): boolean {
    const from = (record * this.#recordBytes) / 4;
    for (let word = 0; word < TAG_WORDS; word++)
      if (this.#words[from + word] !== words[at + word]) return false;
    return true;
  }
}

export function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** Does `work` for every bucket, a batch at a time, each batch in one transaction if there is a store. */
export async function bucketwise(work: (bucket: number) => void, store?: Store): Promise<void> {
  for (let first = 0; first < BUCKETS; first += BUCKETS_AT_ONCE) {
    const lot = () => {
      for (let bucket = first; bucket < first + BUCKETS_AT_ONCE; bucket++) work(bucket);
    };
    if (store === undefined) lot();
    else store.transaction(lot);
    await setImmediate();
  }
}
