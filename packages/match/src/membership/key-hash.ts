// What is hashed in the match (protocol-spec.md, section 11.3): a row with a pseudonym to the key of a bin, and a pseudonym alone to what
// rows are made from.
import { RowHasher } from "@halfroom/crypto";

/** A key: SHA-256 over (shard, bin, row, pseudonym). */
export const KEY_WORDS = 8;
export const PSEUDONYM_BYTES = 64;
const PSEUDONYM_WORDS = PSEUDONYM_BYTES / 4;
const NUMBER_BYTES = 8;
/** Keys hashed at a time: their rows stay in the cache. */
const KEYS_AT_ONCE = 8192;
/** Words that are taken of a pseudonym's digest. */
const DIGEST_WORDS = 4;

export interface BinContext {
  readonly session: Uint8Array;
  readonly shard: number;
}

/** Words of what is hashed: the bin in two, then row and pseudonym, each behind its length. */
const ROW_AT = 3;

/** H: SHA-256 over label, session, shard, bin, a row and a pseudonym. */
export class BinKeyHasher {
  readonly #hasher: RowHasher;
  readonly #rowWords: number;

  constructor({ session, shard }: BinContext, rowWords: number) {
    this.#hasher = new RowHasher(
      "sha256",
      "match/bin-key",
      session,
      [shard],
      [NUMBER_BYTES, rowWords * 4, PSEUDONYM_BYTES],
    );
    this.#rowWords = rowWords;
  }

  /**
   * The key of each bin of `bins` for pseudonym `owners[i]` of `pseudonyms` (people x 64 bytes), 8 words each. `writeRow` puts row i to
   * `words` from `at` on.
   */
  keys(
    bins: Uint32Array,
    owners: Uint32Array,
    pseudonyms: Uint8Array,
    writeRow: (words: Uint32Array, at: number, i: number) => void,
  ): Uint32Array {
    const people = wordsOf(pseudonyms);
    const pseudonymAt = ROW_AT + this.#rowWords + 1;
    const each = pseudonymAt + PSEUDONYM_WORDS;
    const out = new Uint32Array(bins.length * KEY_WORDS);
    for (let start = 0; start < bins.length; start += KEYS_AT_ONCE) {
      const end = Math.min(start + KEYS_AT_ONCE, bins.length);
      const rows = this.#hasher.rows(end - start);
      const words = new Uint32Array(rows.buffer);
      for (let i = start, at = 0; i < end; i++, at += each) {
        words[at] = bins[i]!;
        writeRow(words, at + ROW_AT, i);
        const from = owners[i]! * PSEUDONYM_WORDS;
        for (let w = 0; w < PSEUDONYM_WORDS; w++) words[at + pseudonymAt + w] = people[from + w]!;
      }
      out.set(new Uint32Array(this.#hasher.digests(rows).buffer), start * KEY_WORDS);
    }
    return out;
  }
}

/** The numbers from `first` on. */
export function numbersFrom(first: number, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => first + i);
}

/** The first 128 bits of the hash of each pseudonym (people x 64 bytes), people x 4 words. */
export function digestsOf(hasher: RowHasher, pseudonyms: Uint8Array): Uint32Array<ArrayBuffer> {
  const digests = new Uint32Array(hasher.digests(pseudonyms).buffer);
  const words = new Uint32Array(digests.length / 2);
  for (let from = 0, to = 0; to < words.length; from += KEY_WORDS, to += DIGEST_WORDS)
    for (let w = 0; w < DIGEST_WORDS; w++) words[to + w] = digests[from + w]!;
  return words;
}

/** A view where the bytes lie on a word's boundary, else a copy. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}
