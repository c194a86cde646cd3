// Randomness as an argument (design section 3): production passes `systemRng`, tests pass a seeded generator.
import { randomFillSync } from "node:crypto";

/**
 * A source of random bytes. A generator is never copied: two consumers that may run in any order each get a
 * fork under a label of their own, so that a seeded run stays reproducible.
 */
export interface Rng {
  /** Returns `length` fresh random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
  /** Returns an independent generator; the same label is never forked twice from one parent. */
  fork(label: string): Rng;
}

/** The operating system's generator, through node:crypto. */
export const systemRng: Rng = {
  bytes: (length) => randomFillSync(new Uint8Array(length)),
  fork: () => systemRng,
};

/** `count` random 32-bit words. */
export function randomWords(rng: Rng, count: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(rng.bytes(count * 4).buffer);
}
