// Every implementation of AES against a plain second one and the published vectors behind it.
import { describe, expect, it } from "vitest";
import { AES_PATHS, loadNativeAes } from "@halfroom/crypto-native";
import { chooseAes, nodeAes } from "../src/aes-cipher.ts";
import { aes128, counterStream } from "./aes-reference.ts";
import { bytesOf, fromHex, hex } from "./group-fixtures.ts";

const chosen = chooseAes("");
const ciphers = [
  { name: nodeAes.name, cipher: nodeAes },
  ...AES_PATHS.filter((path) => loadNativeAes(path) !== undefined).map((path) => {
    return { name: path, cipher: chooseAes("", path) };
  }),
];

it("uses the add-on where it is there, and nothing native where another kernel is named", () => {
  expect(chosen.name).toBe(loadNativeAes() === undefined ? "node:crypto" : "native");
  expect(chooseAes("sodium").name).toBe("node:crypto");
});

describe.each(ciphers)("AES of $name", ({ name, cipher }) => {
  it("is the one asked for", () => {
    expect(cipher.name).toBe(name === "node:crypto" ? name : "native");
  });

  it("encrypts the example of FIPS 197, appendix C.1", () => {
    const out = new Uint8Array(16);
    const key = fromHex("000102030405060708090a0b0c0d0e0f");
    cipher.blocks(key).encrypt(fromHex("00112233445566778899aabbccddeeff"), out);
    expect(hex(out)).toBe("69c4e0d86a7b0430d8cdb78070b4c55a");
  });

  it.each([0, 1, 7, 8, 9, 100, 1025, 2050])("encrypts %d blocks, any of them in place", (count) => {
    const key = bytesOf(`key ${count}`, 16);
    const blocks = bytesOf(`blocks ${count}`, count * 16);
    const expected = Buffer.concat(
      Array.from({ length: count }, (_, i) => aes128(key, blocks.subarray(i * 16, (i + 1) * 16))),
    );
    const { encrypt } = cipher.blocks(key);
    const out = new Uint8Array(count * 16);
    encrypt(blocks, out);
    expect(hex(out)).toBe(hex(expected));
    const inPlace = new Uint8Array(blocks);
    encrypt(inPlace, inPlace);
    expect(hex(inPlace)).toBe(hex(expected));
  });

  it("gives one stream, however it is cut, at any alignment", () => {
    const key = bytesOf("stream key", 16);
    const expected = counterStream(key, 0n, 40_000);
    for (const step of [1, 4, 16, 28, 127, 128, 129, 5000, 20_000]) {
      const memory = new Uint8Array(40_003);
      const out = memory.subarray(3);
      const fill = cipher.stream(key);
      const end = Math.min(out.length, step * 200);
      for (let at = 0; at < end; at += step) fill(out.subarray(at, Math.min(at + step, end)));
      expect(hex(out.subarray(0, end))).toBe(hex(expected.subarray(0, end)));
    }
  });
});

describe.each(AES_PATHS)("the add-on with %s", (path) => {
  const aes = loadNativeAes(path);

  it.runIf(aes !== undefined)("counts past 32 bits of blocks", () => {
    const key = bytesOf("far", 16);
    const out = new Uint8Array(40);
    const block = 2 ** 33 + 5;
    aes!.stream(aes!.schedule(key), out, block * 16 - 4);
    expect(hex(out)).toBe(hex(counterStream(key, BigInt(block - 1), 60).subarray(12, 52)));
  });

  it.runIf(aes !== undefined)("refuses what does not fit", () => {
    const schedule = aes!.schedule(new Uint8Array(16));
    expect(() => aes!.schedule(new Uint8Array(15))).toThrow(RangeError);
    expect(() => aes!.blocks(schedule, new Uint8Array(16), new Uint8Array(32))).toThrow(RangeError);
    expect(() => aes!.blocks(schedule, new Uint8Array(17), new Uint8Array(17))).toThrow(RangeError);
    expect(() => aes!.blocks(schedule.subarray(1), new Uint8Array(16), new Uint8Array(16))).toThrow(
      RangeError,
    );
    expect(() => aes!.stream(schedule, new Uint8Array(16), -1)).toThrow(RangeError);
    expect(() => aes!.stream(schedule.subarray(1), new Uint8Array(16), 0)).toThrow(RangeError);
  });
});
