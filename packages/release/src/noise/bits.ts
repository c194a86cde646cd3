// Uniform integers from random bytes, exactly: by rejection, never by reducing or by floating point.
import type { Rng } from "@halfroom/crypto";

/** Random bytes fetched at a time. */
const BLOCK_BYTES = 4096;

/** Random bits of one generator. */
export class RandomBits {
  readonly #rng: Rng;
  #block: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  /** A uniform integer in 0 .. bound - 1; bound is at least 1. */
  below(bound: bigint): bigint {
    if (bound <= 0x1_0000_0000n) return BigInt(this.belowSmall(Number(bound)));
    const bits = (bound - 1n).toString(2).length;
    const bytes = Math.ceil(bits / 8);
    for (;;) {
      const value = BigInt.asUintN(bits, BigInt(`0x${this.#take(bytes).toString("hex")}`));
      if (value < bound) return value;
    }
  }

  /** The same for a bound of at most 2^32. */
  belowSmall(bound: number): number {
    if (bound === 1) return 0;
    const bits = 32 - Math.clz32(bound - 1);
    const bytes = (bits + 7) >>> 3;
    const mask = 0xffff_ffff >>> (32 - bits);
    for (;;) {
      const value = (this.#take(bytes).readUIntLE(0, bytes) & mask) >>> 0;
      if (value < bound) return value;
    }
  }

  #take(bytes: number): Buffer {
    if (this.#at + bytes > this.#block.length) {
      const fresh = this.#rng.bytes(BLOCK_BYTES);
      this.#block = Buffer.from(fresh.buffer);
      this.#at = 0;
    }
    this.#at += bytes;
    return this.#block.subarray(this.#at - bytes, this.#at);
  }
}
