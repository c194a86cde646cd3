// Domain-separated hashing: every hash takes a label, the session id and length-prefixed parts (spec, section "Hashes").
import { hash } from "node:crypto";
import { arrayKernels } from "./kernels/index.ts";
import type { RowMessages } from "./kernels/kernels.ts";

export type Part = Uint8Array | string | number;

const LENGTH_BYTES = 4;
const NUMBER_BYTES = 8;

/** The protocol's version is part of every label, so that two versions never share a derivation. */
const LABEL_PREFIX = "halfroom/v1/";

/**
 * Encodes hash input: each part, the label and the session id included, after its 4-byte little-endian length.
 * Strings are UTF-8; numbers (safe integers >= 0) are 8 bytes, little-endian.
 */
export function encodeParts(label: string, session: Uint8Array, parts: readonly Part[]): Buffer {
  const encoded: Uint8Array[] = [];
  for (const part of [LABEL_PREFIX + label, session, ...parts]) {
    const bytes = partBytes(part);
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32LE(bytes.length);
    encoded.push(length, bytes);
  }
  return Buffer.concat(encoded);
}

function partBytes(part: Part): Uint8Array {
  if (typeof part === "string") return Buffer.from(part, "utf8");
  if (typeof part !== "number") return part;
  if (!Number.isSafeInteger(part) || part < 0)
    throw new RangeError("a number in a hash is a safe integer >= 0");
  const bytes = Buffer.alloc(NUMBER_BYTES);
  bytes.writeBigUInt64LE(BigInt(part));
  return bytes;
}

/** SHA-256 (FIPS 180-4) over the encoded parts: 32 bytes. */
export function hash256(label: string, session: Uint8Array, ...parts: Part[]): Uint8Array {
  return hash("sha256", encodeParts(label, session, parts), "buffer");
}

/** SHA-512 (FIPS 180-4) over the encoded parts: 64 bytes. */
export function hash512(label: string, session: Uint8Array, ...parts: Part[]): Uint8Array {
  return hash("sha512", encodeParts(label, session, parts), "buffer");
}

/** Rows hashed at a time: their messages stay in the cache. */
const HASH_ROWS = 4096;

/**
 * Hashes many inputs of one shape: the encoding of `encodeParts(label, session, [...fixed, ...variable])`, of which only
 * the variable parts, at the end, differ from row to row.
 */
export class RowHasher {
  readonly #messages: RowMessages;
  readonly #offsets: number[] = [];

  constructor(
    algorithm: "sha256" | "sha512",
    label: string,
    session: Uint8Array,
    fixed: readonly Part[],
    variableLengths: readonly number[],
  ) {
    let width = -LENGTH_BYTES;
    for (const length of variableLengths) {
      this.#offsets.push(width + LENGTH_BYTES);
      width += LENGTH_BYTES + length;
    }
    const variable = variableLengths.map((length) => new Uint8Array(length));
    const template = encodeParts(label, session, [...fixed, ...variable]);
    this.#messages = { algorithm, template, offset: template.length - width, width };
  }

  /** Bytes of a row: the variable parts, each but the first after its length. */
  get width(): number {
    return this.#messages.width;
  }

  /** Where variable part `index` lies in a row. */
  offset(index: number): number {
    const offset = this.#offsets[index];
    if (offset === undefined) throw new RangeError("no such variable part");
    return offset;
  }

  /** `count` rows, count x width bytes, with the lengths in place and the parts zero. */
  rows(count: number): Uint8Array<ArrayBuffer> {
    const { template, offset, width } = this.#messages;
    const rows = new Uint8Array(count * width);
    for (let at = 0; at < rows.length; at += width) rows.set(template.subarray(offset), at);
    return rows;
  }

  /** The digest of each row, 32 or 64 bytes each. With one variable part, `rows` is simply its values. */
  digests(rows: Uint8Array): Uint8Array<ArrayBuffer> {
    const { algorithm, width } = this.#messages;
    const bytes = algorithm === "sha512" ? 64 : 32;
    const out = new Uint8Array((rows.length / width) * bytes);
    const step = HASH_ROWS * width;
    for (let from = 0, to = 0; from < rows.length; from += step, to += HASH_ROWS * bytes) {
      out.set(arrayKernels.hashRows(this.#messages, rows.subarray(from, from + step)), to);
    }
    return out;
  }
}
