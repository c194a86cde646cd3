import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Rng } from "@halfroom/crypto";

/** Bytes that look random and follow from a label. */
export function bytesOf(label: string, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("shake256", { outputLength: length }).update(label).digest());
}

/** Gives the strings it was made from, one for each call, and throws when there is none left. */
export function scriptedRng(...script: Uint8Array[]): Rng {
  return {
    bytes(length) {
      const next = script.shift();
      if (next?.length !== length) throw new Error("the script of randomness does not hold this");
      return new Uint8Array(next);
    },
    fork() {
      throw new Error("a scripted generator has no forks");
    },
  };
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
export const fromHex = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, "hex"));

interface Rfc9496 {
  /** Index 0 is the identity. */
  multiplesOfGenerator: string[];
  invalidEncodings: string[];
  oneWayMap: { uniform: string; point: string }[];
}

export const rfc9496 = JSON.parse(
  readFileSync(new URL("../../../test/vectors/ristretto255/rfc9496.json", import.meta.url), "utf8"),
) as Rfc9496;

/** A scalar as 32 bytes, little-endian. */
export function scalar(value: bigint): Uint8Array<ArrayBuffer> {
  return fromHex(value.toString(16).padStart(64, "0")).reverse();
}

/** RFC 9496, section 4: the group order. */
export const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

export function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
