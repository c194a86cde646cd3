export { beginSeed, type JointSeed } from "./seed.ts";
export { binCount, positions } from "./cuckoo/positions.ts";
export { place } from "./cuckoo/place.ts";
export { storeSize, type StoreSize } from "./okvs/size.ts";
export { deriveRows, type StoreRows } from "./okvs/rows.ts";
export { decode, encode } from "./okvs/store.ts";
export {
  batchesOf,
  OPRF_BATCH,
  WholeRows,
  type Batch,
  type BatchRows,
  type OprfRows,
} from "./oprf/batches.ts";
export { evaluateForPartner, evaluateOwn, oprfReceiver, oprfSender } from "./oprf/protocol.ts";
export { deriveKeyPair, derivePublicKey, generateKey, OUTPUT_BYTES } from "./oprf/steps.ts";
export { finalizeBatch, OPRF_JOBS, validBatch } from "./oprf/jobs.ts";
export {
  batchDigest,
  compositeWeights,
  computeComposites,
  computeCompositesFast,
  generateProof,
  PROOF_BYTES,
  PROOF_RANDOM_BYTES,
  proofScalar,
  verifyProof,
} from "./oprf/proof.ts";
export { OPRF_SUITE, type KeyPair } from "./oprf/suite.ts";
export { blind, blindEvaluate, evaluate, finalize } from "./oprf/steps.ts";
export {
  membershipDraws,
  membershipReceiver,
  membershipSender,
  storeBytes,
  type BesideReceiver,
  type BesideSender,
  type MembershipContext,
} from "./membership/protocol.ts";
export { masksBytes } from "./membership/bin-vector.ts";
export { keysFromMatrix, keysFromVector, type KeysOfBins } from "./membership/keys.ts";
export { binOprf, binOprfWith, matrixBytes, type BinOprf, type BinOprfSteps } from "./membership/bin-oprf.ts";
