// Seeded randomness for invented data; never for the protocol.
import { createCipheriv, createHash } from "node:crypto";

const BLOCK_BYTES = 1 << 16;

export interface SeededRandom {
  /** A whole number from 0 to n - 1, n up to 2^32; its bias of at most n / 2^32 does not matter here. */
  below(n: number): number;
  /** True with probability `percent` / 100. */
  chance(percent: number): boolean;
  /** An index into `weights`, drawn in proportion to them. */
  weighted(weights: readonly number[]): number;
}

/** The keystream of AES-256-CTR under SHA-256 of the seed, as 32-bit words: the same on every machine. */
export function seededRandom(seed: string): SeededRandom {
  const cipher = createCipheriv("aes-256-ctr", createHash("sha256").update(seed).digest(), Buffer.alloc(16));
  const zeros = Buffer.alloc(BLOCK_BYTES);
  let block = Buffer.alloc(0);
  let at = 0;
  const below = (n: number): number => {
    if (at === block.length) {
      block = cipher.update(zeros);
      at = 0;
    }
    at += 4;
    return Math.floor((block.readUInt32LE(at - 4) / 2 ** 32) * n);
  };
  return {
    below,
    chance: (percent) => below(100) < percent,
    weighted: (weights) => {
      let rest = below(weights.reduce((sum, weight) => sum + weight, 0));
      return weights.findIndex((weight) => (rest -= weight) < 0);
    },
  };
}
