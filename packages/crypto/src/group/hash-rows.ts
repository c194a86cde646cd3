// SHA-512 of many rows, one call of node:crypto each: for kernels without an implementation of their own.
import { hash } from "node:crypto";
import { DIGEST_BYTES } from "./kernel.ts";
import { longestRow, rowAt, rowCount } from "../rows.ts";
import type { ByteRows } from "../rows.ts";

/** `hashRows` of the kernel interface. */
export function hashRows(prefix: Uint8Array, rows: ByteRows, suffix: Uint8Array): Uint8Array<ArrayBuffer> {
  const digests = new Uint8Array(rowCount(rows) * DIGEST_BYTES);
  const input = new Uint8Array(prefix.length + longestRow(rows) + suffix.length);
  input.set(prefix);
  for (let i = 0; i < rowCount(rows); i++) {
    const row = rowAt(rows, i);
    const rowEnd = prefix.length + row.length;
    input.set(row, prefix.length);
    input.set(suffix, rowEnd);
    digests.set(hash("sha512", input.subarray(0, rowEnd + suffix.length), "buffer"), i * DIGEST_BYTES);
  }
  return digests;
}
