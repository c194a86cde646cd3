// A set of digests in one array, given by where they start; it takes eight bytes per slot.
import { DIGEST_BYTES } from "../identifiers/hashed.ts";

/** Digests are uniform, so their own first four bytes are the hash; slots hold the start plus one, 0 if free. */
export class DigestSet {
  readonly #digests: Buffer;
  readonly #slots: Float64Array;

  /** For at most `count` of the 32-byte digests in `digests`. */
  constructor(digests: Uint8Array, count: number) {
    this.#digests = Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength);
    this.#slots = new Float64Array(2 ** Math.ceil(Math.log2(Math.max(2, 1.5 * count))));
  }

  /** Adds the digest at `start`. Returns false if an equal one is there already. */
  add(start: number): boolean {
    const mask = this.#slots.length - 1;
    for (let slot = this.#digests.readUInt32LE(start) & mask; ; slot = (slot + 1) & mask) {
      const held = this.#slots[slot]!;
      if (held === 0) {
        this.#slots[slot] = start + 1;
        return true;
      }
      if (this.#equal(held - 1, start)) return false;
    }
  }

  #equal(a: number, b: number): boolean {
    return this.#digests.compare(this.#digests, b, b + DIGEST_BYTES, a, a + DIGEST_BYTES) === 0;
  }
}
