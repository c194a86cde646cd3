export { binCount, positions } from "./cuckoo/positions.ts";
export { place } from "./cuckoo/place.ts";
export { storeSize, type StoreSize } from "./okvs/size.ts";
export { deriveRows, type StoreRows } from "./okvs/rows.ts";
export { decode, encode } from "./okvs/store.ts";
export { OPRF_BATCH } from "./oprf/batches.ts";
export { oprfReceiver, oprfSender } from "./oprf/protocol.ts";
export { deriveKeyPair, derivePublicKey, generateKey, OUTPUT_BYTES, type KeyPair } from "./oprf/steps.ts";
export { blind, blindEvaluate, evaluate, finalize } from "./oprf/steps.ts";
