// The steps of one batch as jobs for worker threads. Rows are `bytes` and `offsets` (ByteRows), points n x 32 bytes.
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

export const blindEvaluateBatch: Job<Points & { readonly key: Bytes }, Points> = {
  module,
  name: "blindEvaluateBatch",
  run(kernel, { key, points: blinded }) {
    const points = blindEvaluate(kernel, key, blinded);
    return points && { points };
  },
};

export const finalizeBatch: Job<Rows & Points & { readonly blinds: Bytes }, Outputs> = {
  module,
  name: "finalizeBatch",
  run(kernel, { blinds, points, ...inputs }) {
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
