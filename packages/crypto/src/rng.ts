// Randomness as an argument (design section 3): production draws one seed a session from `systemRng` and expands it; tests
// choose the seed.
import { createCipheriv, hkdfSync, randomFillSync } from "node:crypto";
import { encodeParts, type Part } from "./labels.ts";

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

export const SEED_BYTES = 32;
const KEY_BYTES = 32;
const NO_SALT = new Uint8Array(0);
const NO_SESSION = new Uint8Array(0);
/** Key stream made at a time: longer pieces leave the cache. */
const ZEROS = new Uint8Array(1 << 16);

/**
 * A generator whose every byte follows from a seed of 32 random bytes, label, session id and parts. A node of the tree of
 * generators has two keys of 32 bytes, the output of HKDF (RFC 5869) with SHA-512 over what came before: one for its bytes, the
 * key stream of AES-256-CTR (NIST SP 800-38A), and one from which its forks follow. Forks under different labels, and a
 * generator's bytes and its forks, are independent as long as HKDF and AES are pseudorandom: 128 bits at least. Throws
 * RangeError for a seed of another length, and where one label is forked twice.
 */
export function seedRng(label: string, session: Uint8Array, seed: Uint8Array, ...parts: Part[]): Rng {
  if (seed.length !== SEED_BYTES) throw new RangeError(`a seed has ${SEED_BYTES} bytes`);
  return new SeededRng(seed, encodeParts(label, session, parts));
}

class SeededRng implements Rng {
  readonly #stream: ReturnType<typeof createCipheriv>;
  readonly #forkKey: Uint8Array;
  readonly #forked = new Set<string>();

  constructor(secret: Uint8Array, info: Uint8Array) {
    const keys = new Uint8Array(hkdfSync("sha512", secret, NO_SALT, info, 2 * KEY_BYTES));
    this.#stream = createCipheriv("aes-256-ctr", keys.subarray(0, KEY_BYTES), new Uint8Array(16));
    this.#forkKey = keys.slice(KEY_BYTES);
    keys.fill(0);
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += ZEROS.length)
      out.set(this.#stream.update(ZEROS.subarray(0, Math.min(ZEROS.length, length - at))), at);
    return out;
  }

  fork(label: string): Rng {
    if (this.#forked.has(label)) throw new RangeError(`"${label}" was forked before from the same generator`);
    this.#forked.add(label);
    return new SeededRng(this.#forkKey, encodeParts("rng/fork", NO_SESSION, [label]));
  }
}

/** `count` random 32-bit words. */
export function randomWords(rng: Rng, count: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(rng.bytes(count * 4).buffer);
}
