// Names of people that only the holder of a key can make: HMAC-SHA-512 (RFC 2104, RFC 4868), its first 16 bytes, many at a time.
import { equalRows, rowCount, rowsBetween, type ByteRows, type GroupKernel } from "@halfroom/crypto";

export type HashRows = GroupKernel["hashRows"];

export const TAG_BYTES = 16;
/** Of SHA-512. */
const BLOCK_BYTES = 128;
const HASH_BYTES = 64;
const INNER = 0x36;
const OUTER = 0x5c;
/** Rows hashed at a time, so that the hashes of all of them never lie in memory together. */
const PIECE = 16_384;
const NOTHING = new Uint8Array(0);

/** Rows x 16 bytes. `key` has at most 128 bytes. */
export function tagsOf(key: Uint8Array, rows: ByteRows, hashRows: HashRows): Uint8Array {
  const [inner, outer] = [paddedKey(key, INNER), paddedKey(key, OUTER)];
  const tags = new Uint8Array(rowCount(rows) * TAG_BYTES);
  for (let start = 0; start < rowCount(rows); start += PIECE) {
    const piece = rowsBetween(rows, start, Math.min(rowCount(rows), start + PIECE));
    const hashes = hashRows(inner, piece, NOTHING);
    const codes = hashRows(outer, equalRows(hashes, HASH_BYTES), NOTHING);
    for (let i = 0; i < rowCount(piece); i++) {
      tags.set(codes.subarray(i * HASH_BYTES, i * HASH_BYTES + TAG_BYTES), (start + i) * TAG_BYTES);
    }
  }
  return tags;
}

function paddedKey(key: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(key);
  return block.map((byte) => byte ^ pad);
}
