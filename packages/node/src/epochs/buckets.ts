// How cached pseudonyms are laid out: a person is found by a keyed 16-byte tag; the tag's first bits name a bucket, so that a
// bucket is read, opened and searched as one piece. Records: tag 16, pseudonym 64 bytes.
import { OUTPUT_BYTES } from "@halfroom/match";
import { TAG_BYTES } from "./tags.ts";

export const BUCKETS = 1024;
const BUCKET_SHIFT = 6;
export const RECORD_BYTES = TAG_BYTES + OUTPUT_BYTES;
const TAG_WORDS = TAG_BYTES / 4;
const RECORD_WORDS = RECORD_BYTES / 4;
const OUTPUT_WORDS = OUTPUT_BYTES / 4;
const FREE = -1;

/** People by the bucket of their tags (people x 16 bytes), all of them or only those named, in their order. */
export class Buckets {
  readonly #people: Uint32Array;
  /** Where each bucket begins in `people`, and the end. */
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

function bucketOf(tags: Uint8Array, person: number): number {
  const at = person * TAG_BYTES;
  return ((tags[at]! << 8) | tags[at + 1]!) >>> BUCKET_SHIFT;
}

/** A bucket's records, found by tag: a table of twice their number, open addressing. Of two with one tag the last counts. */
export class Records {
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #table: Int32Array;

  /** `bytes` begin at a multiple of four. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#words = wordsOf(bytes);
    const count = bytes.length / RECORD_BYTES;
    this.#table = new Int32Array(2 ** Math.ceil(Math.log2(2 * count + 1))).fill(FREE);
    for (let record = 0; record < count; record++) {
      this.#table[this.#slot(this.#words, record * RECORD_WORDS)] = record;
    }
  }

  /** Copies the pseudonym under the tag of `person` to where it belongs among `pseudonyms`; whether there is one. */
  copy(tags: Uint32Array, person: number, pseudonyms: Uint32Array): boolean {
    const record = this.#table[this.#slot(tags, person * TAG_WORDS)]!;
    if (record === FREE) return false;
    const [from, to] = [record * RECORD_WORDS + TAG_WORDS, person * OUTPUT_WORDS];
    for (let word = 0; word < OUTPUT_WORDS; word++) pseudonyms[to + word] = this.#words[from + word]!;
    return true;
  }

  /** The records whose tags are none of these people's. */
  without(tags: Uint8Array, people: Uint32Array): Uint8Array {
    const gone = new Set<number>();
    const words = wordsOf(tags);
    for (const person of people) gone.add(this.#table[this.#slot(words, person * TAG_WORDS)]!);
    const count = this.#bytes.length / RECORD_BYTES;
    const kept = Array.from({ length: count }, (_, record) => record).filter((record) => !gone.has(record));
    const bytes = new Uint8Array(kept.length * RECORD_BYTES);
    kept.forEach((record, i) => {
      bytes.set(this.#bytes.subarray(record * RECORD_BYTES, (record + 1) * RECORD_BYTES), i * RECORD_BYTES);
    });
    return bytes;
  }

  /** Where the tag that begins at `words[at]` stands in the table, or the free slot where it would. */
  #slot(words: Uint32Array, at: number): number {
    const mask = this.#table.length - 1;
    // The first word has the bucket's bits, which all tags here share; tags are pseudorandom, so any other word will do.
    let slot = words[at + 1]! & mask;
    for (;;) {
      const record = this.#table[slot]!;
      if (record === FREE || this.#isTag(record, words, at)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #isTag(record: number, words: Uint32Array, at: number): boolean {
    for (let word = 0; word < TAG_WORDS; word++)
      if (this.#words[record * RECORD_WORDS + word] !== words[at + word]) return false;
    return true;
  }
}

/** Records of people, who have `tags` (people x 16 bytes) and `pseudonyms` (people x 64 bytes). */
export function recordsOf(people: Uint32Array, tags: Uint32Array, pseudonyms: Uint32Array): Uint8Array {
  const records = new Uint32Array(people.length * RECORD_WORDS);
  people.forEach((person, i) => {
    const [tag, pseudonym] = [i * RECORD_WORDS, i * RECORD_WORDS + TAG_WORDS];
    for (let word = 0; word < TAG_WORDS; word++) records[tag + word] = tags[person * TAG_WORDS + word]!;
    for (let word = 0; word < OUTPUT_WORDS; word++)
      records[pseudonym + word] = pseudonyms[person * OUTPUT_WORDS + word]!;
  });
  return new Uint8Array(records.buffer);
}

export function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
