// The steps of one batch as jobs, for worker threads and for other machines. Rows are `bytes` and `offsets` (ByteRows), points n x 32 bytes.
import {
  computeComposites,
  computeCompositesFast,
  generateProof,
  PROOF_BYTES,
  proofScalar,
  verifyProof,
} from "./proof.ts";
import { blind, blindEvaluate, evaluate, finalize, OUTPUT_BYTES } from "./steps.ts";
import { POINT_BYTES, rowCount, type BlockJob, type Job } from "@halfroom/crypto";

type Bytes = Uint8Array<ArrayBuffer>;
type Rows = { readonly bytes: Bytes; readonly offsets: Uint32Array<ArrayBuffer> };
type Points = { readonly points: Bytes };
/** Pseudonyms, n x 64 bytes. */
type Outputs = { readonly outputs: Bytes };

/** Named as a file, which a bundler can follow; workers find the jobs there. */
const module = new URL("./jobs.ts", import.meta.url).href;

const pointsOf = (count: number) => ({ bytes: [count * POINT_BYTES], points: true }) as const;
const outputsOf = (rows: Rows) => ({ bytes: [rowCount(rows) * OUTPUT_BYTES] });

export const blindBatch: BlockJob<Rows & { readonly blinds: Bytes }, Points> = {
  module,
  name: "blindBatch",
  secrets: [],
  shape: (input) => ({ points: pointsOf(rowCount(input)) }),
  run(kernel, { blinds, ...inputs }) {
    const points = blind(kernel, inputs, blinds);
    return points && { points };
  },
};

/** The sender's key pair. */
type Keys = { readonly secretKey: Bytes; readonly publicKey: Bytes };
type Proof = { readonly proof: Bytes };

/** Evaluates the blinded elements and proves it, with 64 bytes of randomness. */
export const blindEvaluateBatch: BlockJob<Points & Keys & { readonly randomness: Bytes }, Points & Proof> = {
  module,
  name: "blindEvaluateBatch",
  secrets: ["secretKey"],
  shape: ({ points }) => ({ points: pointsOf(points.length / POINT_BYTES), proof: { bytes: [PROOF_BYTES] } }),
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
export const finalizeBatch: BlockJob<Answered, Outputs> = {
  module,
  name: "finalizeBatch",
  secrets: [],
  shape: (input) => ({ outputs: { bytes: [0, ...outputsOf(input).bytes] } }),
  run(kernel, { blinds, blinded, points, proof, publicKey, ...inputs }) {
    const composites = computeComposites(kernel, publicKey, blinded, points);
    if (!composites && kernel.firstInvalid(points) !== -1) return undefined;
    if (!composites || !verifyProof(kernel, publicKey, composites, proof))
      return { outputs: new Uint8Array(0) };
    const outputs = finalize(kernel, inputs, blinds, points, publicKey);
    return outputs && { outputs };
  },
};

export const evaluateBatch: BlockJob<Rows & Pick<Keys, "secretKey">, Outputs> = {
  module,
  name: "evaluateBatch",
  secrets: ["secretKey"],
  shape: (input) => ({ outputs: outputsOf(input) }),
  run(kernel, { secretKey, ...inputs }) {
    const outputs = evaluate(kernel, secretKey, inputs);
    return outputs && { outputs };
  },
};

/** The same points, if all of them are valid: for those that another machine has computed. */
export const validBatch: Job<Points, Points> = {
  module,
  name: "validBatch",
  run: (kernel, { points }) => (kernel.firstInvalid(points) === -1 ? { points: points.slice() } : undefined),
};

/** Those that may run on another machine, by name. */
export const OPRF_JOBS = { blindBatch, blindEvaluateBatch, finalizeBatch, evaluateBatch } as const;
