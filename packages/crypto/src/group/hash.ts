// Hashing to the group and to scalars: RFC 9380, expand_message_xmd with SHA-512, as RFC 9497, section 4.1 uses it.
import { hash } from "node:crypto";
import { UNIFORM_BYTES } from "./kernel.ts";
import { rowAt, rowCount } from "../rows.ts";
import type { GroupKernel } from "./kernel.ts";
import type { ByteRows } from "../rows.ts";

/** Input block of SHA-512. */
const BLOCK_BYTES = 128;
const DST_BYTES_MAX = 255;

/**
 * RFC 9380, section 5.3.1, for one output block: each row to 64 uniform bytes, rows x 64 in all. `dst` is the
 * domain separation tag, at most 255 bytes (RangeError).
 */
export function expandMessages(rows: ByteRows, dst: Uint8Array): Uint8Array<ArrayBuffer> {
  if (dst.length > DST_BYTES_MAX)
    throw new RangeError(`a domain separation tag has ${DST_BYTES_MAX} bytes at most`);
  const dstPrime = Buffer.from([...dst, dst.length]);
  // Z_pad, message, I2OSP(64, 2), I2OSP(0, 1), DST_prime
  const tail = Buffer.concat([Buffer.from([0, UNIFORM_BYTES, 0]), dstPrime]);
  const first = new Uint8Array(BLOCK_BYTES + longestRow(rows) + tail.length);
  // b_0, I2OSP(1, 1), DST_prime
  const second = Buffer.concat([Buffer.alloc(UNIFORM_BYTES), Buffer.from([1]), dstPrime]);

  const uniform = new Uint8Array(rowCount(rows) * UNIFORM_BYTES);
  for (let i = 0; i < rowCount(rows); i++) {
    const message = rowAt(rows, i);
    const messageEnd = BLOCK_BYTES + message.length;
    first.set(message, BLOCK_BYTES);
    first.set(tail, messageEnd);
    second.set(hash("sha512", first.subarray(0, messageEnd + tail.length), "buffer"));
    uniform.set(hash("sha512", second, "buffer"), i * UNIFORM_BYTES);
  }
  return uniform;
}

function longestRow(rows: ByteRows): number {
  let longest = 0;
  for (let i = 0; i < rowCount(rows); i++)
    longest = Math.max(longest, rows.offsets[i + 1]! - rows.offsets[i]!);
  return longest;
}

/** RFC 9497's HashToGroup: rows to points, rows x 32 bytes. */
export function hashToGroup(kernel: GroupKernel, rows: ByteRows, dst: Uint8Array): Uint8Array<ArrayBuffer> {
  return kernel.mapToGroup(expandMessages(rows, dst));
}

/** RFC 9497's HashToScalar: rows to scalars, rows x 32 bytes. */
export function hashToScalar(kernel: GroupKernel, rows: ByteRows, dst: Uint8Array): Uint8Array<ArrayBuffer> {
  return kernel.reduceScalars(expandMessages(rows, dst));
}
