import { createCipheriv, createHash } from "node:crypto";
import type { Rng } from "@halfroom/crypto";

/** A reproducible generator: the AES-256-CTR key stream under the hash of a seed and of the labels on its path. */
export function seededRng(seed: string): Rng {
  const key = createHash("sha256").update(seed).digest();
  const stream = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  return {
    bytes: (length) => new Uint8Array(stream.update(Buffer.alloc(length))),
    fork: (label) => seededRng(`${seed}/${label}`),
  };
}
