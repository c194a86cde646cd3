export * from "./close-codes.ts";
export * from "./gate.ts";
export * from "./queue.ts";
export * from "./address.ts";
export * from "./connect-tls.ts";
export * from "./listen-tls.ts";
export * from "./tls-peer.ts";
export { WINDOW_BYTES } from "./link/sent-frames.ts";
