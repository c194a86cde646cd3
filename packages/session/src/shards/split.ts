// People cut into shards by pseudonym (protocol-spec.md, section "Shards"), and one shard's part of what belongs to people.
import {
  BLOCK_WORDS,
  FixedKeyAes,
  Lots,
  type RecordStore,
  type Rng,
  type StoredRecords,
} from "@halfroom/crypto";
import { NEVER } from "@halfroom/aggregate";
import { OUTPUT_BYTES } from "@halfroom/match";
import { ProtocolError } from "@halfroom/wire";
import { PSEUDONYM_WORDS } from "../pseudonymise/keys.ts";
import type { ItemNumbers } from "../table/item-numbers.ts";

/** People whose shards are found at a time. */
const PIECE = 4096;
const OUTPUT_WORDS = OUTPUT_BYTES / 4;
const TWO_32 = 2 ** 32;

/** What a side knows of a shard's people, one entry each in the same order: what a shard works on. */
export interface People {
  /** People x 64 bytes. */
  readonly pseudonyms: Uint8Array;
  /** The sender's: for each payload column a number per person. */
  readonly payloads: readonly BigInt64Array[];
  /** The receiver's: for each grouping the cell of each person. */
  readonly cellsOf: readonly Uint32Array[];
  /** The receiver's, where events are credited: for each entry the time of each person, ascending, or `NEVER`. */
  readonly times: readonly Uint32Array[];
}

/** What of people enters the match beside their pseudonyms. */
export type Numbers = Omit<People, "pseudonyms">;

/** All of a side's people in the session. */
export interface SidePeople {
  /** Records of a person's number and pseudonym, each person once and in any order; they are read once. */
  readonly pseudonyms: AsyncIterable<Uint32Array>;
  /** What else belongs to people, by their numbers. */
  readonly numbers: Pick<ItemNumbers, "count" | "words" | "records">;
  /** What of it enters the match of so many people, from their records. It is formed a shard at a time: of everybody it would be large. */
  numbersOf(records: Uint32Array, people: number): Numbers;
}

/** Which people are in which shard. */
export class Split {
  readonly #all: SidePeople;
  /** Records of a person's pseudonym and what else belongs to it, in the order of people's numbers, by shard. */
  readonly #people: StoredRecords;

  private constructor(all: SidePeople, people: StoredRecords) {
    this.#all = all;
    this.#people = people;
  }

  /** Throws RangeError unless each person has one pseudonym. */
  static async of(
    all: SidePeople,
    session: Uint8Array,
    shards: number,
    scratch: RecordStore,
  ): Promise<Split> {
    const { numbers } = all;
    const byNumber = new Lots(scratch, PSEUDONYM_WORDS, numbers.count);
    for await (const records of all.pseudonyms) await byNumber.add(records);
    const people = scratch.records(OUTPUT_WORDS + numbers.words, shards);
    const hash = new FixedKeyAes("shard/number", session);
    for await (const { first, count, records } of byNumber.read()) {
      const places = placesInOrder(records, first, count);
      for (let at = 0; at < count; at += PIECE) {
        const end = Math.min(count, at + PIECE);
        const others = await numbers.records(first + at, first + end);
        const piece = sideBySide(records, places.subarray(at, end), others, numbers.words);
        people.scatter(piece, shardsOf(piece, people.words, hash, shards));
        await people.settled();
      }
    }
    await byNumber.close();
    return new Split(all, people);
  }

  /** Errors: `shard`, if a shard holds more than `size` people. */
  assertRoom(size: number): void {
    for (let shard = 0; shard < this.#people.parts; shard++)
      if (this.#people.count(shard) > size) throw new ProtocolError("shard");
  }

  /**
   * The people of one shard in the order of their numbers, then as many made-up ones as fill it up to `size`: random pseudonyms, zeros and
   * no times for the rest.
   */
  async people(shard: number, size: number, rng: Rng): Promise<People> {
    const records = await this.#people.slice(0, Infinity, shard);
    const { words } = this.#all.numbers;
    const people = records.length / this.#people.words;
    const pseudonyms = new Uint8Array(size * OUTPUT_BYTES);
    const outputs = new Uint32Array(pseudonyms.buffer);
    const others = new Uint32Array(people * words);
    for (let person = 0, at = 0; person < people; person++) {
      for (let word = 0; word < OUTPUT_WORDS; word++) outputs[person * OUTPUT_WORDS + word] = records[at++]!;
      for (let word = 0; word < words; word++) others[person * words + word] = records[at++]!;
    }
    pseudonyms.set(rng.bytes((size - people) * OUTPUT_BYTES), people * OUTPUT_BYTES);
    const { payloads, cellsOf, times } = this.#all.numbersOf(others, people);
    return {
      pseudonyms,
      payloads: payloads.map((column) => filled(column, new BigInt64Array(size))),
      cellsOf: cellsOf.map((column) => filled(column, new Uint32Array(size))),
      times: times.map((column) => filled(column, new Uint32Array(size).fill(NEVER))),
    };
  }
}

/** Where the record of each of people `first` up to `first + count` begins, in words. Throws RangeError unless each has one. */
function placesInOrder(pseudonyms: Uint32Array, first: number, count: number): Uint32Array {
  const places = new Uint32Array(count);
  const isThere = new Uint8Array(count);
  for (let at = 0; at < pseudonyms.length; at += PSEUDONYM_WORDS) {
    const person = pseudonyms[at]! - first;
    places[person] = at;
    isThere[person] = 1;
  }
  if (pseudonyms.length !== count * PSEUDONYM_WORDS || isThere.includes(0))
    throw new RangeError("not one pseudonym a person");
  return places;
}

/** Each pseudonym, from its place, with the words of what else belongs to its person. */
function sideBySide(
  pseudonyms: Uint32Array,
  places: Uint32Array,
  others: Uint32Array,
  words: number,
): Uint32Array {
  const records = new Uint32Array(places.length * (OUTPUT_WORDS + words));
  for (let person = 0, at = 0; person < places.length; person++) {
    const place = places[person]! + 1;
    for (let word = 0; word < OUTPUT_WORDS; word++) records[at++] = pseudonyms[place + word]!;
    for (let word = 0; word < words; word++) records[at++] = others[person * words + word]!;
  }
  return records;
}

/** The column in front of what stands for made-up people. */
function filled<T extends BigInt64Array | Uint32Array>(column: T, part: T): T {
  part.set(column as never);
  return part;
}

/**
 * The shard of each record's pseudonym, which it begins with: the 48-bit number in the first bytes of a hash of its first 16 bytes, mod
 * `shards`.
 */
function shardsOf(records: Uint32Array, width: number, hash: FixedKeyAes, shards: number): Uint16Array {
  const people = records.length / width;
  const out = new Uint16Array(people);
  if (shards === 1) return out;
  const blocks = new Uint32Array(people * BLOCK_WORDS);
  for (let i = 0; i < people; i++)
    blocks.set(records.subarray(i * width, i * width + BLOCK_WORDS), i * BLOCK_WORDS);
  const hashed = hash.oneWay(blocks);
  for (let i = 0; i < people; i++) {
    const low = hashed[i * BLOCK_WORDS]!;
    out[i] = ((hashed[i * BLOCK_WORDS + 1]! & 0xffff) * TWO_32 + low) % shards;
  }
  return out;
}
