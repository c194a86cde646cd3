// HPKE against a published vector: BoringSSL's crypto/hpke/hpke_test_vectors.txt, mode 0, KEM 0x0020, KDF 0x0001, AEAD 0x0002, the
// first encryption. (The RFC's own appendix has none for this AEAD.)
import { systemRng } from "@halfroom/crypto";
import { expect, test } from "vitest";
import { hpkeOpen, hpkePublicKey, hpkeSeal } from "../src/vault/hpke.ts";

const of = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const VECTOR = {
  info: "4f6465206f6e2061204772656369616e2055726e",
  aad: "436f756e742d30",
  pkRm: "ac66bae9ffa270cf4a89ed9f274e30c0456babae2572aaaf002ff0d8884ab018",
  skEm: "28e212563a8b6f068af7ff17400ff1baf23612b7a738bbaf5dfb321b2b5b431a",
  pt: "4265617574792069732074727574682c20747275746820626561757479",
  ct: "23ded2d5d90ea89d975dac4792b297240f194952d7421aacbff0474100052b6bb8aa58d18ef6c42b6960e2e28f",
};
const CONTEXT = { info: of(VECTOR.info), aad: of(VECTOR.aad) };

test("the published vector", () => {
  const sealed = hpkeSeal(of(VECTOR.pkRm), CONTEXT, of(VECTOR.pt), of(VECTOR.skEm));
  expect(sealed.subarray(0, 32)).toEqual(hpkePublicKey(of(VECTOR.skEm)));
  expect(sealed.subarray(32)).toEqual(of(VECTOR.ct));
});

test("opens for the one key and context, and only what was sealed", () => {
  const secret = systemRng.bytes(32);
  const plain = systemRng.bytes(100);
  const sealed = hpkeSeal(hpkePublicKey(secret), CONTEXT, plain, systemRng.bytes(32));
  expect(hpkeOpen(secret, CONTEXT, sealed)).toEqual(plain);
  expect(hpkeOpen(systemRng.bytes(32), CONTEXT, sealed)).toBeUndefined();
  expect(hpkeOpen(secret, { ...CONTEXT, info: of("00") }, sealed)).toBeUndefined();
  expect(hpkeOpen(secret, { ...CONTEXT, aad: of("00") }, sealed)).toBeUndefined();
  // The highest bit of `enc` counts for nothing in X25519; it is bound all the same.
  for (const at of [0, 31, 32, 60, sealed.length - 17, sealed.length - 1])
    for (const bit of [1, 128])
      expect(hpkeOpen(secret, CONTEXT, sealed.with(at, sealed[at]! ^ bit))).toBeUndefined();
  for (const length of [0, 31, 47, sealed.length - 1])
    expect(hpkeOpen(secret, CONTEXT, sealed.subarray(0, length))).toBeUndefined();
});

test("never seals to a point of small order, nor to another length", () => {
  for (const point of [new Uint8Array(32), of("01".padEnd(64, "0"))])
    expect(() => hpkeSeal(point, CONTEXT, of("00"), systemRng.bytes(32))).toThrow();
  expect(() => hpkeSeal(new Uint8Array(31), CONTEXT, of("00"), systemRng.bytes(32))).toThrow(RangeError);
});
