import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import { loadNativeKernel, loadSodium, nobleKernel, packRows } from "@halfroom/crypto";
import {
  blind,
  blindEvaluate,
  deriveKeyPair,
  derivePublicKey,
  evaluate,
  finalize,
  generateKey,
} from "@halfroom/match";
import { seededRng } from "@halfroom/testkit";

interface Vectors {
  keyInfo: string;
  seed: string;
  skSm: string;
  vectors: {
    Blind: string;
    BlindedElement: string;
    EvaluationElement: string;
    Input: string;
    Output: string;
  }[];
}

const fromHex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString("hex");

const file = new URL("../../../test/vectors/oprf/ristretto255-sha512.json", import.meta.url);
const suite = JSON.parse(readFileSync(file, "utf8")) as Vectors;
const secretKey = fromHex(suite.skSm);
const natives = (["ifma", "avx2", "portable"] as const)
  .map((path) => loadNativeKernel(path))
  .filter((kernel) => kernel !== undefined);
const kernels = [...natives, await loadSodium(), nobleKernel];

describe.each(kernels)("RFC 9497 vectors, kernel $name", (kernel) => {
  it("derives the key pair", () => {
    const pair = deriveKeyPair(kernel, fromHex(suite.seed), fromHex(suite.keyInfo));
    expect(hex(pair.secretKey)).toBe(suite.skSm);
    expect(hex(pair.publicKey)).toBe(
      hex(ristretto255_oprf.oprf.deriveKeyPair(fromHex(suite.seed), fromHex(suite.keyInfo)).publicKey),
    );
  });

  it.each(suite.vectors)("input $Input", (vector) => {
    const inputs = packRows([fromHex(vector.Input)]);
    const blinded = blind(kernel, inputs, fromHex(vector.Blind));
    expect(hex(blinded)).toBe(vector.BlindedElement);
    const evaluated = blindEvaluate(kernel, secretKey, blinded!);
    expect(hex(evaluated)).toBe(vector.EvaluationElement);
    expect(hex(finalize(kernel, inputs, fromHex(vector.Blind), evaluated!))).toBe(vector.Output);
    expect(hex(evaluate(kernel, secretKey, inputs))).toBe(vector.Output);
  });

  it("all inputs in one batch", () => {
    const inputs = packRows(suite.vectors.map((vector) => fromHex(vector.Input)));
    const blinds = fromHex(suite.vectors.map((vector) => vector.Blind).join(""));
    const blinded = blind(kernel, inputs, blinds);
    expect(hex(blinded)).toBe(suite.vectors.map((vector) => vector.BlindedElement).join(""));
    const outputs = finalize(kernel, inputs, blinds, blindEvaluate(kernel, secretKey, blinded!)!);
    expect(hex(outputs)).toBe(suite.vectors.map((vector) => vector.Output).join(""));
  });
});

describe("the steps", () => {
  const [kernel] = kernels as [(typeof kernels)[0]];
  const lengths = [0, 1, 20, 127, 128, 65535];
  const rows = lengths.map((length) => seededRng(`row ${length}`).bytes(length));

  it("evaluate as noble's client and server do, for inputs from 0 to 65,535 bytes", () => {
    const { oprf } = ristretto255_oprf;
    const outputs = evaluate(kernel, secretKey, packRows(rows))!;
    rows.forEach((row, i) => {
      const client = oprf.blind(row);
      const output = oprf.finalize(row, client.blind, oprf.blindEvaluate(secretKey, client.blinded));
      expect(hex(outputs.subarray(i * 64, (i + 1) * 64))).toBe(hex(output));
    });
  });

  it("finalize under a blind other than the one used gives another output", () => {
    const inputs = packRows([rows[2]!]);
    const [used, other] = [generateKey(kernel, seededRng("used")), generateKey(kernel, seededRng("other"))];
    const evaluated = blindEvaluate(kernel, secretKey, blind(kernel, inputs, used)!)!;
    expect(hex(finalize(kernel, inputs, used, evaluated))).toBe(hex(evaluate(kernel, secretKey, inputs)));
    expect(hex(finalize(kernel, inputs, other, evaluated))).not.toBe(
      hex(evaluate(kernel, secretKey, inputs)),
    );
  });

  it("refuse inputs that two bytes cannot measure", () => {
    const inputs = packRows([new Uint8Array(65536)]);
    expect(() => blind(kernel, inputs, secretKey)).toThrow(RangeError);
    expect(() => evaluate(kernel, secretKey, inputs)).toThrow(RangeError);
  });

  it("generate keys that differ and have a public key", () => {
    const rng = seededRng("keys");
    const [first, second] = [generateKey(kernel, rng), generateKey(kernel, rng)];
    expect(hex(first)).not.toBe(hex(second));
    expect(hex(derivePublicKey(kernel, first))).toBe(hex(nobleKernel.multiplyBase(first)));
  });
});
