// People cut into shards by pseudonym (protocol-spec.md, section "Shards"), and one shard's part of what belongs to people.
import { BLOCK_WORDS, FixedKeyAes, type Rng } from "@halfroom/crypto";
import { NEVER } from "@halfroom/aggregate";
import { OUTPUT_BYTES } from "@halfroom/match";
import { ProtocolError } from "@halfroom/wire";

/** Pseudonyms hashed at a time. */
const PIECE = 4096;
const TWO_32 = 2 ** 32;

/** What a side knows of its people, one entry each in the same order: what a shard works on. */
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

/** Which people are in which shard. */
export class Split {
  /** People by shard, within a shard in their own order. */
  readonly #order: Uint32Array;
  /** Where each shard begins in `order`, and the end. */
  readonly #starts: Uint32Array;

  constructor(pseudonyms: Uint8Array, session: Uint8Array, shards: number) {
    const shardOf = shardsOf(pseudonyms, session, shards);
    this.#starts = new Uint32Array(shards + 1);
    for (const shard of shardOf) this.#starts[shard + 1]!++;
    for (let shard = 0; shard < shards; shard++) this.#starts[shard + 1]! += this.#starts[shard]!;
    const next = this.#starts.slice();
    this.#order = new Uint32Array(shardOf.length);
    for (let person = 0; person < shardOf.length; person++) this.#order[next[shardOf[person]!]!++] = person;
  }

  /** Errors: `shard`, if a shard holds more than `size` people. */
  assertRoom(size: number): void {
    for (let shard = 0; shard + 1 < this.#starts.length; shard++)
      if (this.#starts[shard + 1]! - this.#starts[shard]! > size) throw new ProtocolError("shard");
  }

  /** The people of one shard, then as many made-up ones as fill it up to `size`: random pseudonyms, zeros and no times for the rest. */
  people(all: People, shard: number, size: number, rng: Rng): People {
    const rows = this.#order.subarray(this.#starts[shard]!, this.#starts[shard + 1]!);
    const pseudonyms = new Uint8Array(size * OUTPUT_BYTES);
    rows.forEach((row, i) => {
      pseudonyms.set(all.pseudonyms.subarray(row * OUTPUT_BYTES, (row + 1) * OUTPUT_BYTES), i * OUTPUT_BYTES);
    });
    pseudonyms.set(rng.bytes((size - rows.length) * OUTPUT_BYTES), rows.length * OUTPUT_BYTES);
    return {
      pseudonyms,
      payloads: all.payloads.map((column) => {
        const part = new BigInt64Array(size);
        rows.forEach((row, i) => (part[i] = column[row]!));
        return part;
      }),
      cellsOf: all.cellsOf.map((column) => {
        const part = new Uint32Array(size);
        rows.forEach((row, i) => (part[i] = column[row]!));
        return part;
      }),
      times: all.times.map((column) => {
        const part = new Uint32Array(size).fill(NEVER);
        rows.forEach((row, i) => (part[i] = column[row]!));
        return part;
      }),
    };
  }
}

/** The shard of each pseudonym: the 48-bit number in the first bytes of a hash of its first 16 bytes, mod `shards`. */
function shardsOf(pseudonyms: Uint8Array, session: Uint8Array, shards: number): Uint16Array {
  const hash = new FixedKeyAes("shard/number", session);
  const words = new Uint32Array(pseudonyms.buffer, pseudonyms.byteOffset, pseudonyms.length / 4);
  const rowWords = OUTPUT_BYTES / 4;
  const people = words.length / rowWords;
  const out = new Uint16Array(people);
  for (let start = 0; start < people; start += PIECE) {
    const size = Math.min(PIECE, people - start);
    const blocks = new Uint32Array(size * BLOCK_WORDS);
    for (let i = 0; i < size; i++) {
      const at = (start + i) * rowWords;
      blocks.set(words.subarray(at, at + BLOCK_WORDS), i * BLOCK_WORDS);
    }
    const hashed = hash.oneWay(blocks);
    for (let i = 0; i < size; i++) {
      const low = hashed[i * BLOCK_WORDS]!;
      out[start + i] = ((hashed[i * BLOCK_WORDS + 1]! & 0xffff) * TWO_32 + low) % shards;
    }
  }
  return out;
}
