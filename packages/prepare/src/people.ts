// Rows to people: equal normalised identifiers are one person, numbered in the order of their first kept row.
import type { ByteRows } from "@halfroom/crypto";
import { grown } from "./grow.ts";

const LENGTH_BYTES = 4;

/**
 * What enters the OPRF for one person: the identifier's type and its normalised form, UTF-8, each behind its 4-byte
 * little-endian length, so that no two pairs share an encoding (protocol-spec.md, section "Identifiers").
 */
export function encodeIdentifier(type: string, normalised: string): Uint8Array {
  const typeBytes = Buffer.byteLength(type);
  const encoded = Buffer.alloc(2 * LENGTH_BYTES + typeBytes + Buffer.byteLength(normalised));
  encoded.writeUInt32LE(typeBytes);
  encoded.write(type, LENGTH_BYTES);
  encoded.writeUInt32LE(encoded.length - 2 * LENGTH_BYTES - typeBytes, LENGTH_BYTES + typeBytes);
  encoded.write(normalised, 2 * LENGTH_BYTES + typeBytes);
  return encoded;
}

/** The people of one file and their encoded identifiers, two arrays for all. */
export class People {
  readonly #type: string;
  readonly #numbers = new Map<string, number>();
  #bytes = new Uint8Array(1 << 16);
  #offsets = new Uint32Array(1024);

  constructor(type: string) {
    this.#type = type;
  }

  get count(): number {
    return this.#numbers.size;
  }

  /** The person's number; a new person gets the next one, which is `count` before the call. */
  numberOf(normalised: string): number {
    const known = this.#numbers.get(normalised);
    if (known !== undefined) return known;
    const person = this.#numbers.size;
    this.#numbers.set(normalised, person);
    this.#append(person, encodeIdentifier(this.#type, normalised));
    return person;
  }

  #append(person: number, encoded: Uint8Array): void {
    const start = this.#offsets[person]!;
    const end = start + encoded.length;
    this.#bytes = grown(this.#bytes, end);
    this.#bytes.set(encoded, start);
    this.#offsets = grown(this.#offsets, person + 2);
    this.#offsets[person + 1] = end;
  }

  /** One encoded identifier per person, by number. */
  identifiers(): ByteRows {
    const offsets = this.#offsets.slice(0, this.count + 1);
    return { bytes: this.#bytes.slice(0, offsets[this.count]), offsets };
  }
}
