export * from "./errors.ts";
export * from "./limits.ts";
export * from "./messages.ts";
export * from "./channel.ts";
export * from "./codec.ts";
export * from "./open.ts";
export * from "./lanes.ts";
export * from "./transcript.ts";
