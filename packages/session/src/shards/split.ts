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

/** Pseudonyms hashed at a time, and people of whom what belongs to them is read. */
const PIECE = 4096;
const TWO_32 = 2 ** 32;
/** Of a record of a person's number and shard. */
const PLACE_WORDS = 2;

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
  /** As they came, by shard. */
  readonly #pseudonyms: StoredRecords;
  /** What else belongs to people, in the order of their numbers, by shard; undefined if nothing does. */
  readonly #numbers: StoredRecords | undefined;

  private constructor(all: SidePeople, pseudonyms: StoredRecords, numbers: StoredRecords | undefined) {
    this.#all = all;
    this.#pseudonyms = pseudonyms;
    this.#numbers = numbers;
  }

  /** Throws RangeError unless each person has one pseudonym. */
  static async of(
    all: SidePeople,
    session: Uint8Array,
    shards: number,
    scratch: RecordStore,
  ): Promise<Split> {
    const pseudonyms = scratch.records(PSEUDONYM_WORDS, shards);
    const places = new Lots(scratch, PLACE_WORDS, all.numbers.count);
    const hash = new FixedKeyAes("shard/number", session);
    for await (const records of all.pseudonyms) {
      for (let at = 0; at < records.length; at += PIECE * PSEUDONYM_WORDS) {
        const piece = records.subarray(at, at + PIECE * PSEUDONYM_WORDS);
        const ofPiece = shardsOf(piece, hash, shards);
        pseudonyms.scatter(piece, ofPiece);
        await pseudonyms.settled();
        await places.add(placesIn(piece, ofPiece));
      }
    }
    const numbers = await numbersByShard(all.numbers, places, shards, scratch);
    await places.close();
    return new Split(all, pseudonyms, numbers);
  }

  /** Errors: `shard`, if a shard holds more than `size` people. */
  assertRoom(size: number): void {
    for (let shard = 0; shard < this.#pseudonyms.parts; shard++)
      if (this.#pseudonyms.count(shard) > size) throw new ProtocolError("shard");
  }

  /**
   * The people of one shard in the order of their numbers, then as many made-up ones as fill it up to `size`: random pseudonyms, zeros and
   * no times for the rest.
   */
  async people(shard: number, size: number, rng: Rng): Promise<People> {
    const records = await this.#pseudonyms.slice(0, Infinity, shard);
    const { rows, places } = inOrder(records);
    const pseudonyms = new Uint8Array(size * OUTPUT_BYTES);
    const words = new Uint32Array(pseudonyms.buffer);
    places.forEach((place, i) => {
      const at = place * PSEUDONYM_WORDS + 1;
      for (let word = 0; word < OUTPUT_BYTES / 4; word++)
        words[i * (OUTPUT_BYTES / 4) + word] = records[at + word]!;
    });
    pseudonyms.set(rng.bytes((size - rows.length) * OUTPUT_BYTES), rows.length * OUTPUT_BYTES);
    const ofPeople = (await this.#numbers?.slice(0, Infinity, shard)) ?? NOTHING;
    const { payloads, cellsOf, times } = this.#all.numbersOf(ofPeople, rows.length);
    return {
      pseudonyms,
      payloads: payloads.map((column) => filled(column, new BigInt64Array(size))),
      cellsOf: cellsOf.map((column) => filled(column, new Uint32Array(size))),
      times: times.map((column) => filled(column, new Uint32Array(size).fill(NEVER))),
    };
  }
}

const NOTHING = new Uint32Array(0);

/** Each pseudonym's number and shard. */
function placesIn(pseudonyms: Uint32Array, shards: Uint16Array): Uint32Array {
  const places = new Uint32Array(shards.length * PLACE_WORDS);
  for (let i = 0; i < shards.length; i++) {
    places[i * PLACE_WORDS] = pseudonyms[i * PSEUDONYM_WORDS]!;
    places[i * PLACE_WORDS + 1] = shards[i]!;
  }
  return places;
}

/** What belongs to people, laid down by the shard of each, person after person; undefined if nothing does. */
async function numbersByShard(
  numbers: SidePeople["numbers"],
  places: Lots,
  shards: number,
  scratch: RecordStore,
): Promise<StoredRecords | undefined> {
  const byShard = numbers.words === 0 ? undefined : scratch.records(numbers.words, shards);
  for await (const { first, count, records } of places.read()) {
    const shardOf = shardsInOrder(records, first, count);
    for (let at = 0; at < count && byShard !== undefined; at += PIECE) {
      const end = Math.min(count, at + PIECE);
      byShard.scatter(await numbers.records(first + at, first + end), shardOf.subarray(at, end));
      await byShard.settled();
    }
  }
  return byShard;
}

/** The shards of people `first` up to `first + count`. Throws RangeError unless each of them has one. */
function shardsInOrder(places: Uint32Array, first: number, count: number): Uint16Array {
  const shards = new Uint16Array(count);
  const isPlaced = new Uint8Array(count);
  for (let at = 0; at < places.length; at += PLACE_WORDS) {
    const person = places[at]! - first;
    shards[person] = places[at + 1]!;
    isPlaced[person] = 1;
  }
  if (places.length !== count * PLACE_WORDS || isPlaced.includes(0))
    throw new RangeError("not one pseudonym a person");
  return shards;
}

/** Numbers of the people ascending, and the places of their records. */
function inOrder(records: Uint32Array): { readonly rows: Uint32Array; readonly places: Uint32Array } {
  const count = records.length / PSEUDONYM_WORDS;
  // Number and place as one number, far below 2^53: a shard is small.
  const keys = Float64Array.from(
    { length: count },
    (_, place) => records[place * PSEUDONYM_WORDS]! * count + place,
  );
  keys.sort();
  return {
    rows: Uint32Array.from(keys, (key) => Math.floor(key / count)),
    places: Uint32Array.from(keys, (key) => key % count),
  };
}

/** The column in front of what stands for made-up people. */
function filled<T extends BigInt64Array | Uint32Array>(column: T, part: T): T {
  part.set(column as never);
  return part;
}

/** The shard of each record's pseudonym: the 48-bit number in the first bytes of a hash of its first 16 bytes, mod `shards`. */
function shardsOf(records: Uint32Array, hash: FixedKeyAes, shards: number): Uint16Array {
  const people = records.length / PSEUDONYM_WORDS;
  const out = new Uint16Array(people);
  if (shards === 1) return out;
  const blocks = new Uint32Array(people * BLOCK_WORDS);
  for (let i = 0; i < people; i++) {
    const at = i * PSEUDONYM_WORDS + 1;
    blocks.set(records.subarray(at, at + BLOCK_WORDS), i * BLOCK_WORDS);
  }
  const hashed = hash.oneWay(blocks);
  for (let i = 0; i < people; i++) {
    const low = hashed[i * BLOCK_WORDS]!;
    out[i] = ((hashed[i * BLOCK_WORDS + 1]! & 0xffff) * TWO_32 + low) % shards;
  }
  return out;
}
