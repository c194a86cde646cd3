export * from "./half.types.ts";
export { runHalf } from "./half.ts";
export { runReceiver, runSender, type SessionInput, type SessionResult } from "./pipeline.ts";
export { kernelSpeed } from "./kernel-speed.ts";
export { ProtocolError } from "@halfroom/wire";
export { InputError } from "@halfroom/prepare";
export { AddressError } from "@halfroom/transport";
export { BENCH_SOURCES, benchPrepare } from "@halfroom/prepare";
export type { BenchSource, PrepareSpeed } from "@halfroom/prepare";
