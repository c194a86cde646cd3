// People cut into shards by pseudonym (protocol-spec.md, section "Shards"), and one shard's part of what belongs to people.
import { BLOCK_WORDS, FixedKeyAes, type RecordStore, type Rng, type StoredRecords } from "@halfroom/crypto";
import { NEVER } from "@halfroom/aggregate";
import { OUTPUT_BYTES } from "@halfroom/match";
import { ProtocolError } from "@halfroom/wire";
import { PSEUDONYM_WORDS } from "../pseudonymise/keys.ts";

/** Pseudonyms hashed at a time. */
const PIECE = 4096;
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
  /** What else enters the match of the people with these numbers. It is formed a shard at a time: of everybody it would be large. */
  numbersOf(rows: Uint32Array): Numbers;
}

/** Which people are in which shard. */
export class Split {
  readonly #all: SidePeople;
  /** As they came, by shard. */
  readonly #pseudonyms: StoredRecords;

  private constructor(all: SidePeople, pseudonyms: StoredRecords) {
    this.#all = all;
    this.#pseudonyms = pseudonyms;
  }

  static async of(
    all: SidePeople,
    session: Uint8Array,
    shards: number,
    scratch: RecordStore,
  ): Promise<Split> {
    const pseudonyms = scratch.records(PSEUDONYM_WORDS, shards);
    const hash = new FixedKeyAes("shard/number", session);
    for await (const records of all.pseudonyms) {
      for (let at = 0; at < records.length; at += PIECE * PSEUDONYM_WORDS) {
        const piece = records.subarray(at, at + PIECE * PSEUDONYM_WORDS);
        pseudonyms.scatter(piece, shardsOf(piece, hash, shards));
        await pseudonyms.settled();
      }
    }
    return new Split(all, pseudonyms);
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
    const { payloads, cellsOf, times } = this.#all.numbersOf(rows);
    return {
      pseudonyms,
      payloads: payloads.map((column) => filled(column, new BigInt64Array(size))),
      cellsOf: cellsOf.map((column) => filled(column, new Uint32Array(size))),
      times: times.map((column) => filled(column, new Uint32Array(size).fill(NEVER))),
    };
  }
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
