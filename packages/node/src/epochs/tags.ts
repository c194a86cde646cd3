// Tags of people that only the holder of a key can compute: the first 16 bytes of HMAC-SHA-512 (RFC 2104, RFC 4868), many at a time.
import { equalRows, rowCount, rowsBetween, type ByteRows, type GroupKernel } from "@halfroom/crypto";

export type HashRows = GroupKernel["hashRows"];

export const TAG_BYTES = 16;
const TAG_WORDS = TAG_BYTES / 4;
/** Of SHA-512. */
const BLOCK_BYTES = 128;
const HASH_BYTES = 64;
const HASH_WORDS = HASH_BYTES / 4;
const INNER = 0x36;
const OUTER = 0x5c;
/** Rows hashed at a time, so that the hashes of all rows are never in memory together. */
const PIECE = 16_384;
const NOTHING = new Uint8Array(0);

/** Rows x 16 bytes. `key` has at most 128 bytes. */
export function tagsOf(key: Uint8Array, rows: ByteRows, hashRows: HashRows): Uint8Array {
  const [inner, outer] = [paddedKey(key, INNER), paddedKey(key, OUTER)];
  const tags = new Uint32Array(rowCount(rows) * TAG_WORDS);
  for (let start = 0; start < rowCount(rows); start += PIECE) {
    const piece = rowsBetween(rows, start, Math.min(rowCount(rows), start + PIECE));
    const hashes = hashRows(inner, piece, NOTHING);
    const codes = new Uint32Array(hashRows(outer, equalRows(hashes, HASH_BYTES), NOTHING).buffer);
    for (let i = 0; i < rowCount(piece); i++)
      for (let word = 0; word < TAG_WORDS; word++)
        tags[(start + i) * TAG_WORDS + word] = codes[i * HASH_WORDS + word]!;
  }
  return new Uint8Array(tags.buffer);
}

function paddedKey(key: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(key);
  return block.map((byte) => byte ^ pad);
}
