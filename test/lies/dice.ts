// Whole numbers below a bound, from a seed.
import type { Rng } from "@halfroom/crypto";

export function diceOf(rng: Rng): (bound: number) => number {
  return (bound) => Buffer.from(rng.bytes(4)).readUInt32LE(0) % bound;
}
