// Reproducible randomness for tests.
import { createHash } from "node:crypto";
import { seedRng, type Rng } from "@halfroom/crypto";

const NO_SESSION = new Uint8Array(0);

/** The generator of a session's seed, under SHA-256 of `seed`. */
export function seededRng(seed: string): Rng {
  return seedRng("testkit/rng", NO_SESSION, createHash("sha256").update(seed).digest());
}
