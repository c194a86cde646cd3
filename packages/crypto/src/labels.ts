// Domain-separated hashing: every hash takes a label, the session id and length-prefixed parts (spec, section "Hashes").
import { hash } from "node:crypto";

export type Part = Uint8Array | string | number;

const LENGTH_BYTES = 4;
const NUMBER_BYTES = 8;

/** The protocol's version is part of every label, so that two versions never share a derivation. */
const LABEL_PREFIX = "halfroom/v1/";

/**
 * Encodes hash input: each part, the label and the session id included, behind its 4-byte little-endian length.
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

/**
 * Hashes many inputs of one shape: the encoding of `encodeParts(label, session, [...fixed, ...variable])` is laid
 * out once and only the variable parts are written anew for each hash.
 */
export class RowHasher {
  readonly #algorithm: "sha256" | "sha512";
  readonly #input: Buffer;
  readonly #offsets: number[] = [];

  constructor(
    algorithm: "sha256" | "sha512",
    label: string,
    session: Uint8Array,
    fixed: readonly Part[],
    variableLengths: readonly number[],
  ) {
    this.#algorithm = algorithm;
    this.#input = encodeParts(label, session, [
      ...fixed,
      ...variableLengths.map((length) => new Uint8Array(length)),
    ]);
    let end = this.#input.length;
    for (const length of [...variableLengths].reverse()) {
      this.#offsets.unshift(end - length);
      end -= length + LENGTH_BYTES;
    }
  }

  /** Where variable part `index` lies in `input`; the caller writes exactly its declared length there. */
  offset(index: number): number {
    const offset = this.#offsets[index];
    if (offset === undefined) throw new RangeError("no such variable part");
    return offset;
  }

  get input(): Buffer {
    return this.#input;
  }

  /** The digest of the input as it stands: 32 or 64 bytes. */
  digest(): Uint8Array {
    return hash(this.#algorithm, this.#input, "buffer");
  }
}
