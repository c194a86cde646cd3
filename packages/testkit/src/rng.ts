// Reproducible randomness for tests.
import { createCipheriv, createHash } from "node:crypto";
import { hash256 } from "@halfroom/crypto";
import type { Rng } from "@halfroom/crypto";

/** The AES-256-CTR key stream under SHA-256 of `seed`. Forking one label twice from one parent throws. */
export function seededRng(seed: string): Rng {
  return keyedRng(createHash("sha256").update(seed).digest());
}

function keyedRng(key: Uint8Array): Rng {
  const stream = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  const labels = new Set<string>();
  return {
    bytes: (length) => new Uint8Array(stream.update(Buffer.alloc(length))),
    fork(label) {
      if (labels.has(label)) throw new Error(`"${label}" was forked before from the same generator`);
      labels.add(label);
      return keyedRng(hash256("testkit/fork", key, label));
    },
  };
}
