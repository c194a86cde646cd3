// The check of the matrix: an honest piece passes, and any other message of the receiver fails.
import { arrayKernels, getBit, randomWords } from "@halfroom/crypto";
import { seededRng, testSession } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { CODE_BITS, encode, truncate } from "../src/membership/code.ts";
import { assertCodewords, proveCodewords, type PieceOfMatrix } from "../src/membership/matrix-check.ts";

const ROWS = 384;
const COLUMN_WORDS = ROWS / 32;

/** An honest piece; `t` random, q = t + s u. Every information word is the same in two of them that share `seed`. */
function honestPiece(seed: string, changed: Partial<PieceOfMatrix> = {}) {
  const rng = seededRng(seed);
  const information = truncate(randomWords(rng, ROWS * 4));
  const t = randomWords(rng, CODE_BITS * COLUMN_WORDS);
  const secret = randomWords(rng, CODE_BITS / 32);
  const corrections = new Uint8Array(randomWords(rng, CODE_BITS * COLUMN_WORDS).buffer);
  const u = arrayKernels.transposeBits(encode(information), ROWS, CODE_BITS);
  const q = t.map((word, i) => word ^ (u[i]! & -getBit(secret, Math.floor(i / COLUMN_WORDS))));
  const piece = { session: testSession("check"), shard: 3, piece: 2, corrections, ...changed };
  return { piece, information, t, q, secret };
}

const { piece, information, t, q, secret } = honestPiece("honest");
const proof = proveCodewords(piece, information, t);
const FAILS = expect.objectContaining({ code: "check" });

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const out = Uint8Array.from(bytes);
  out[bit >>> 3]! ^= 1 << (bit & 7);
  return out;
}

test("an honest piece passes", () => {
  expect(proof.sums).toHaveLength(108 * 16);
  expect(proof.digest).toHaveLength(32);
  assertCodewords(piece, secret, q, proof);
});

describe("fails", () => {
  const check = (changed: Partial<PieceOfMatrix>, sent = proof) => {
    return () => assertCodewords({ ...piece, ...changed }, secret, q, sent);
  };

  test("with any bit of the sums changed", () => {
    for (let bit = 0; bit < 108 * 128; bit += 997)
      expect(check({}, { ...proof, sums: flipped(proof.sums, bit) })).toThrow(FAILS);
  });

  test("with any bit of the digest changed", () => {
    for (let bit = 0; bit < 256; bit += 23)
      expect(check({}, { ...proof, digest: flipped(proof.digest, bit) })).toThrow(FAILS);
  });

  test("with any bit of the corrections changed, since the challenge changes", () => {
    for (let bit = 0; bit < CODE_BITS * ROWS; bit += 15_013)
      expect(check({ corrections: flipped(piece.corrections, bit) })).toThrow(FAILS);
  });

  test("in another session, shard or piece", () => {
    expect(check({ session: testSession("another") })).toThrow(FAILS);
    expect(check({ shard: 4 })).toThrow(FAILS);
    expect(check({ piece: 1 })).toThrow(FAILS);
  });

  test("with a row that is no codeword, whatever row it is, where s has one of its places", () => {
    for (let i = 0; i < 16; i++) {
      const [row, place] = [(97 * i) % ROWS, (59 * i + 3) % CODE_BITS];
      const bad = q.slice();
      // u has one bit more in column `place`, which reaches q if s has the place.
      bad[place * COLUMN_WORDS + (row >>> 5)]! ^= getBit(secret, place) << (row & 31);
      const run = () => assertCodewords(piece, secret, bad, proof);
      if (getBit(secret, place) === 1) expect(run).toThrow(FAILS);
      else run();
    }
  });
});

test("the sums are masked: the same information words with other sacrificed rows give sums that differ in half of their bits", () => {
  const other = information.slice();
  other.set(truncate(randomWords(seededRng("other rows"), 128 * 4)), (ROWS - 128) * 4);
  const { sums } = proveCodewords(piece, other, t);
  let same = 0;
  for (let bit = 0; bit < 108 * 128; bit++)
    if (((sums[bit >>> 3]! ^ proof.sums[bit >>> 3]!) >>> (bit & 7)) % 2 === 0) same++;
  expect(Math.abs(same - 54 * 128)).toBeLessThan(2.5 * Math.sqrt(108 * 128));
});
