// AES and its modes against published vectors and a plain second implementation.
import { describe, expect, it } from "vitest";
import { AesStream, BLOCK_WORDS, FixedKeyAes, hash256 } from "@halfroom/crypto";
import type { Part } from "@halfroom/crypto";
import { aes128, counterStream } from "./aes-reference.ts";
import { bytesOf, fromHex, hex } from "./group-fixtures.ts";

const SESSION = bytesOf("session", 32);
const SIZES = [0, 1, 2, 31, 33, 129];

const wordsOf = (label: string, blocks: number) => new Uint32Array(bytesOf(label, blocks * 16).buffer);
const hexOf = (words: Uint32Array) => hex(new Uint8Array(words.slice().buffer));
const blocksOf = (words: Uint32Array): Uint8Array[] =>
  Array.from(
    { length: words.length / BLOCK_WORDS },
    (_, i) => new Uint8Array(words.slice(i * BLOCK_WORDS, (i + 1) * BLOCK_WORDS).buffer),
  );
const xor = (a: Uint8Array, b: Uint8Array) => a.map((byte, i) => byte ^ b[i]!);
const joined = (blocks: readonly Uint8Array[]) => hex(Buffer.concat(blocks));

/** The modes again, a block at a time, under the key that label, session and parts stand for. */
function plainModes(label: string, session: Uint8Array, ...parts: Part[]) {
  const key = hash256(label, session, ...parts).subarray(0, 16);
  const permute = (block: Uint8Array) => aes128(key, block);
  const oneWay = (block: Uint8Array) => xor(permute(block), block);
  const tweakedHash = (block: Uint8Array, tweak: number) => {
    const inner = permute(block);
    const tweakBytes = Buffer.alloc(16);
    tweakBytes.writeBigUInt64LE(BigInt(tweak));
    return xor(permute(xor(inner, tweakBytes)), inner);
  };
  const columnWords = (block: Uint8Array, columns: number) => {
    const stretched: Uint8Array[] = [];
    for (let pair = 0; pair < columns / 2; pair++) {
      const number = Buffer.alloc(16);
      number.writeUInt32LE(pair, 12);
      stretched.push(oneWay(xor(block, number)));
    }
    return Buffer.concat(stretched).subarray(0, columns * 8);
  };
  return { permute, oneWay, tweakedHash, columnWords };
}

describe("the second implementation", () => {
  it.each([
    [
      "appendix B",
      "2b7e151628aed2a6abf7158809cf4f3c",
      "3243f6a8885a308d313198a2e0370734",
      "3925841d02dc09fbdc118597196a0b32",
    ],
    [
      "appendix C.1",
      "000102030405060708090a0b0c0d0e0f",
      "00112233445566778899aabbccddeeff",
      "69c4e0d86a7b0430d8cdb78070b4c55a",
    ],
  ])("is AES-128: FIPS 197, %s", (_name, key, plain, cipher) => {
    expect(hex(aes128(fromHex(key), fromHex(plain)))).toBe(cipher);
  });

  it("has the counter mode of SP 800-38A, section F.5.1", () => {
    const plain = fromHex(
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" +
        "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
    );
    const start = BigInt("0xf0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    const stream = counterStream(fromHex("2b7e151628aed2a6abf7158809cf4f3c"), start, 64);
    expect(hex(xor(plain, stream))).toBe(
      "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff" +
        "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee",
    );
  });
});

describe("AesStream", () => {
  const firstWords = (key: string, blocks: number) => {
    const out = new Uint32Array(blocks * BLOCK_WORDS);
    new AesStream(fromHex(key)).fill(out);
    return hexOf(out);
  };

  // Encryptions of the zero block under keys that begin with ones: the AESAVS known answers for variable keys.
  it.each([
    ["80000000000000000000000000000000", "0edd33d3c621e546455bd8ba1418bec8"],
    ["ffffffffffffffffffffffffffffffff", "a1f6258c877d5fcd8964484538bfc92c"],
  ])("starts at counter zero: under key %s", (key, block) => {
    expect(firstWords(key, 1)).toBe(block);
  });

  it("counts in the last bytes of the block", () => {
    expect(firstWords("00".repeat(16), 3)).toBe(
      "66e94bd4ef8a2c3b884cfa59ca342b2e58e2fccefa7e3061367f1d57a4e7455a0388dace60b6a392f328c2b971b2fe78",
    );
  });

  it("goes on where it stopped, whatever the pieces, and past any of its own", () => {
    const key = bytesOf("stream key", 16);
    const pieces = [1, 3, 4, 5, 0, 31, 1000, 4095, 4096, 4097, 16_384, 20_001];
    const stream = new AesStream(key);
    const words = pieces.flatMap((length) => {
      const piece = new Uint32Array(length);
      stream.fill(piece);
      return [...piece];
    });
    const expected = counterStream(key, 0n, words.length * 4);
    expect(Buffer.compare(new Uint8Array(Uint32Array.from(words).buffer), expected)).toBe(0);
  });

  it("overwrites what it is given, a view within its bounds", () => {
    const out = new Uint32Array(12).fill(7);
    new AesStream(bytesOf("view", 16)).fill(out.subarray(4, 8));
    expect([...out.subarray(0, 4), ...out.subarray(8)]).toEqual(Array.from({ length: 8 }, () => 7));
    expect(hexOf(out.subarray(4, 8))).toBe(hex(counterStream(bytesOf("view", 16), 0n, 16)));
  });

  it("differs for every key", () => {
    const streams = Array.from({ length: 128 }, (_, bit) => {
      const key = new Uint8Array(16);
      key[bit >>> 3] = 1 << (bit & 7);
      return firstWords(hex(key), 2);
    });
    expect(new Set(streams).size).toBe(128);
  });
});

describe("FixedKeyAes", () => {
  const aes = new FixedKeyAes("test/modes", SESSION, "part", 7);
  const plain = plainModes("test/modes", SESSION, "part", 7);

  it.each(SIZES)("oneWay of %i blocks", (count) => {
    const blocks = wordsOf(`one way ${count}`, count);
    expect(hexOf(aes.oneWay(blocks))).toBe(joined(blocksOf(blocks).map(plain.oneWay)));
  });

  it.each(SIZES)("permute of %i blocks", (count) => {
    const blocks = wordsOf(`permute ${count}`, count);
    const out = new Uint32Array(blocks.length);
    aes.permute(blocks, out);
    expect(hexOf(out)).toBe(joined(blocksOf(blocks).map(plain.permute)));
  });

  it.each([0, 1, 1000, 2 ** 31 - 2, 2 ** 32 - 2, 2 ** 32, 2 ** 40 + 5, 2 ** 53 - 40])(
    "tweakedHash from tweak %i on",
    (first) => {
      for (const count of [1, 2, 33]) {
        const blocks = wordsOf(`tweaked ${count}`, count);
        const expected = blocksOf(blocks).map((block, i) => plain.tweakedHash(block, first + i));
        expect(hexOf(aes.tweakedHash(blocks, first))).toBe(joined(expected));
      }
    },
  );

  it.each([1, 2, 3, 4, 5, 16, 17, 33])("columnWords over %i columns", (columns) => {
    for (const count of [0, 1, 2, 33]) {
      const blocks = wordsOf(`columns ${count}`, count);
      const expected = blocksOf(blocks).map((block) => plain.columnWords(block, columns));
      expect(hexOf(aes.columnWords(blocks, columns))).toBe(joined(expected));
    }
  });

  it("does the same to a long array as to its parts", () => {
    const count = 10_007;
    const blocks = wordsOf("long", count);
    const parts = [0, 1, 4000, 4096, 8191, 10_006, count];
    const inParts = (mode: (part: Uint32Array, start: number) => Uint32Array) =>
      joined(
        parts.slice(1).map((end, i) => {
          const part = mode(blocks.slice(parts[i]! * BLOCK_WORDS, end * BLOCK_WORDS), parts[i]!);
          return new Uint8Array(part.slice().buffer);
        }),
      );
    expect(hexOf(aes.oneWay(blocks))).toBe(inParts((part) => aes.oneWay(part)));
    expect(hexOf(aes.tweakedHash(blocks, 5))).toBe(
      inParts((part, start) => aes.tweakedHash(part, 5 + start)),
    );
    expect(hexOf(aes.columnWords(blocks, 3))).toBe(inParts((part) => aes.columnWords(part, 3)));
  });

  it("leaves its input as it is, and takes views", () => {
    const all = wordsOf("views", 40);
    const before = all.slice();
    const view = all.subarray(3 * BLOCK_WORDS, 36 * BLOCK_WORDS);
    expect(hexOf(aes.oneWay(view))).toBe(joined(blocksOf(view).map(plain.oneWay)));
    aes.tweakedHash(view, 1);
    aes.columnWords(view, 5);
    expect(all).toEqual(before);
  });

  it("hashes one block to another value under each tweak", () => {
    const same = new Uint32Array(1025 * BLOCK_WORDS).fill(0x1234_5678);
    const tweaks = [0, 2 ** 32 - 512, 2 ** 33];
    const hashes = tweaks.flatMap((first) => blocksOf(aes.tweakedHash(same, first)).map(hex));
    expect(new Set(hashes).size).toBe(3 * 1025);
  });

  it("has another key for each label, session and part", () => {
    const block = new Uint32Array(BLOCK_WORDS);
    const keys = [
      aes,
      new FixedKeyAes("test/mode", SESSION, "spart", 7),
      new FixedKeyAes("test/modes", SESSION.with(0, SESSION[0]! ^ 1), "part", 7),
      new FixedKeyAes("test/modes", SESSION, "part"),
      new FixedKeyAes("test/modes", SESSION, "part", 8),
      new FixedKeyAes("test/modes", SESSION, "part7"),
    ];
    expect(new Set(keys.map((one) => hexOf(one.oneWay(block)))).size).toBe(keys.length);
  });
});
