import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import {
  hashToGroup,
  loadNativeKernel,
  loadSodium,
  nobleKernel,
  packRows,
  type ByteRows,
  type GroupKernel,
} from "@halfroom/crypto";
import {
  blind,
  blindEvaluate,
  computeComposites,
  computeCompositesFast,
  deriveKeyPair,
  derivePublicKey,
  evaluate,
  finalize,
  generateKey,
  generateProof,
  verifyProof,
} from "@halfroom/match";
import { seededRng } from "@halfroom/testkit";

interface Vectors {
  keyInfo: string;
  seed: string;
  skSm: string;
  pkSm: string;
  /** Members of a batch of two are joined by a comma. */
  vectors: {
    Batch: number;
    Blind: string;
    BlindedElement: string;
    EvaluationElement: string;
    Input: string;
    Output: string;
    Proof: { proof: string; r: string };
  }[];
}

const fromHex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString("hex");

const file = new URL("../../../test/vectors/oprf/ristretto255-sha512.json", import.meta.url);
const suite = JSON.parse(readFileSync(file, "utf8")) as Vectors;
const secretKey = fromHex(suite.skSm);
const publicKey = fromHex(suite.pkSm);
const keys = { secretKey, publicKey };
/** The RFC's own weights, without what binds them to the whole batch. */
const NO_DIGEST = new Uint8Array(0);
/** The members of a batch in one piece. */
const joined = (members: string) => fromHex(members.replaceAll(",", ""));
const natives = (["ifma", "avx2", "portable"] as const)
  .map((path) => loadNativeKernel(path))
  .filter((kernel) => kernel !== undefined);
const kernels = [...natives, await loadSodium(), nobleKernel];

const hashed = (kernel: GroupKernel, inputs: ByteRows) =>
  hashToGroup(kernel, inputs, Buffer.from("HashToGroup-OPRFV1-\x01-ristretto255-SHA512"));

describe.each(kernels)("RFC 9497 vectors, kernel $name", (kernel) => {
  it("derives the key pair", () => {
    const pair = deriveKeyPair(kernel, fromHex(suite.seed), fromHex(suite.keyInfo));
    expect(hex(pair.secretKey)).toBe(suite.skSm);
    expect(hex(pair.publicKey)).toBe(suite.pkSm);
  });

  it.each(suite.vectors)("batch of $Batch, input $Input", (vector) => {
    const inputs = packRows(vector.Input.split(",").map(fromHex));
    const blinds = joined(vector.Blind);
    // The RFC's client blinds by a product, ours by a sum.
    const blinded = kernel.multiply(hashed(kernel, inputs), blinds)!;
    expect(hex(blinded)).toBe(hex(joined(vector.BlindedElement)));
    const sums = blind(kernel, inputs, blinds)!;
    expect(hex(kernel.subtract(sums, kernel.multiplyBase(blinds)))).toBe(hex(hashed(kernel, inputs)));
    const evaluated = blindEvaluate(kernel, secretKey, blinded)!;
    expect(hex(evaluated)).toBe(hex(joined(vector.EvaluationElement)));
    const composites = computeCompositesFast(kernel, keys, blinded, evaluated, NO_DIGEST)!;
    expect(computeComposites(kernel, publicKey, blinded, evaluated, NO_DIGEST)).toEqual(composites);
    const proof = generateProof(kernel, keys, composites, fromHex(vector.Proof.r));
    expect(hex(proof)).toBe(vector.Proof.proof);
    expect(verifyProof(kernel, publicKey, composites, proof)).toBe(true);
    const evaluatedSums = blindEvaluate(kernel, secretKey, sums)!;
    expect(hex(finalize(kernel, inputs, blinds, evaluatedSums, publicKey))).toBe(hex(joined(vector.Output)));
    expect(hex(evaluate(kernel, secretKey, inputs))).toBe(hex(joined(vector.Output)));
  });
});

describe("the steps", () => {
  const [kernel] = kernels as [(typeof kernels)[0]];
  const lengths = [0, 1, 20, 127, 128, 65535];
  const rows = lengths.map((length) => seededRng(`row ${length}`).bytes(length));

  it("evaluate as noble's client and server do, for inputs from 0 to 65,535 bytes", () => {
    const { voprf } = ristretto255_oprf;
    const outputs = evaluate(kernel, secretKey, packRows(rows))!;
    rows.forEach((row, i) => {
      const client = voprf.blind(row);
      const { evaluated, proof } = voprf.blindEvaluate(secretKey, publicKey, client.blinded);
      const output = voprf.finalize(row, client.blind, evaluated, client.blinded, publicKey, proof);
      expect(hex(outputs.subarray(i * 64, (i + 1) * 64))).toBe(hex(output));
    });
  });

  it("finalize under a blind other than the one used gives another output", () => {
    const inputs = packRows([rows[2]!]);
    const [used, other] = [generateKey(kernel, seededRng("used")), generateKey(kernel, seededRng("other"))];
    const evaluated = blindEvaluate(kernel, secretKey, blind(kernel, inputs, used)!)!;
    expect(hex(finalize(kernel, inputs, used, evaluated, publicKey))).toBe(
      hex(evaluate(kernel, secretKey, inputs)),
    );
    expect(hex(finalize(kernel, inputs, other, evaluated, publicKey))).not.toBe(
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
