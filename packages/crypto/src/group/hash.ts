// Hashing to the group and to scalars: RFC 9380, expand_message_xmd with SHA-512, as RFC 9497, section 4.1 uses it.
import { UNIFORM_BYTES } from "./kernel.ts";
import { equalRows } from "../rows.ts";
import type { GroupKernel } from "./kernel.ts";
import type { ByteRows } from "../rows.ts";

/** Input block of SHA-512. */
const BLOCK_BYTES = 128;
const DST_BYTES_MAX = 255;
const NOTHING = new Uint8Array(0);

/**
 * RFC 9380, section 5.3.1, for one output block: each row to 64 uniform bytes, rows x 64 in all. `dst` is the
 * domain separation tag, at most 255 bytes (RangeError).
 */
export function expandMessages(
  kernel: GroupKernel,
  rows: ByteRows,
  dst: Uint8Array,
): Uint8Array<ArrayBuffer> {
  if (dst.length > DST_BYTES_MAX)
    throw new RangeError(`a domain separation tag has at most ${DST_BYTES_MAX} bytes`);
  const dstPrime = [...dst, dst.length];
  // b_0 = H(Z_pad, message, I2OSP(64, 2), I2OSP(0, 1), DST_prime)
  const first = kernel.hashRows(
    new Uint8Array(BLOCK_BYTES),
    rows,
    Uint8Array.of(0, UNIFORM_BYTES, 0, ...dstPrime),
  );
  // b_1 = H(b_0, I2OSP(1, 1), DST_prime)
  const uniform = kernel.hashRows(NOTHING, equalRows(first, UNIFORM_BYTES), Uint8Array.of(1, ...dstPrime));
  first.fill(0);
  return uniform;
}

/** RFC 9497's HashToGroup: rows to points, rows x 32 bytes. */
export function hashToGroup(kernel: GroupKernel, rows: ByteRows, dst: Uint8Array): Uint8Array<ArrayBuffer> {
  return kernel.mapToGroup(expandMessages(kernel, rows, dst));
}

/** RFC 9497's HashToScalar: rows to scalars, rows x 32 bytes. */
export function hashToScalar(kernel: GroupKernel, rows: ByteRows, dst: Uint8Array): Uint8Array<ArrayBuffer> {
  return kernel.reduceScalars(expandMessages(kernel, rows, dst));
}
