// The steps of one batch as jobs for worker threads. Rows are `bytes` and `offsets` (ByteRows), points n x 32 bytes.
import {
  computeComposites,
  computeCompositesFast,
  generateProof,
  proofScalar,
  verifyProof,
} from "./proof.ts";
import { blind, blindEvaluate, evaluate, finalize } from "./steps.ts";
import type { Job } from "@halfroom/crypto";

type Bytes = Uint8Array<ArrayBuffer>;
type Rows = { readonly bytes: Bytes; readonly offsets: Uint32Array<ArrayBuffer> };
type Points = { readonly points: Bytes };
/** Pseudonyms, n x 64 bytes. */
type Outputs = { readonly outputs: Bytes };

/** Named as a file, which a bundler can follow; workers find the jobs there. */
const module = new URL("./jobs.ts", import.meta.url).href;

export const blindBatch: Job<Rows & { readonly blinds: Bytes }, Points> = {
  module,
  name: "blindBatch",
  run(kernel, { blinds, ...inputs }) {
    const points = blind(kernel, inputs, blinds);
    return points && { points };
  },
};

/** The sender's key pair. */
type Keys = { readonly secretKey: Bytes; readonly publicKey: Bytes };
type Proof = { readonly proof: Bytes };

/** Evaluates the blinded elements and proves it, with 64 bytes of randomness. */
export const blindEvaluateBatch: Job<Points & Keys & { readonly randomness: Bytes }, Points & Proof> = {
  module,
  name: "blindEvaluateBatch",
  run(kernel, { points: blinded, randomness, ...keys }) {
    const points = blindEvaluate(kernel, keys.secretKey, blinded);
    const composites = points && computeCompositesFast(kernel, keys, blinded, points);
    if (!composites) return undefined;
    const r = proofScalar(kernel, keys, composites, randomness);
    const proof = generateProof(kernel, keys, composites, r);
    r.fill(0);
    return { points, proof };
  },
};

/** What the receiver has of a batch once it is answered. */
export type Answered = Rows &
  Points &
  Proof & { readonly blinds: Bytes; readonly blinded: Bytes; readonly publicKey: Bytes };

/** Verifies the proof and only then unblinds; no outputs if it does not hold. */
export const finalizeBatch: Job<Answered, Outputs> = {
  module,
  name: "finalizeBatch",
  run(kernel, { blinds, blinded, points, proof, publicKey, ...inputs }) {
    const composites = computeComposites(kernel, publicKey, blinded, points);
    if (!composites && kernel.firstInvalid(points) !== -1) return undefined;
    if (!composites || !verifyProof(kernel, publicKey, composites, proof))
      return { outputs: new Uint8Array(0) };
    const outputs = finalize(kernel, inputs, blinds, points);
    return outputs && { outputs };
  },
};

export const evaluateBatch: Job<Rows & { readonly key: Bytes }, Outputs> = {
  module,
  name: "evaluateBatch",
  run(kernel, { key, ...inputs }) {
    const outputs = evaluate(kernel, key, inputs);
    return outputs && { outputs };
  },
};
