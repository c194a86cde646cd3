export * from "./close-codes.ts";
export * from "./connect.ts";
export * from "./gate.ts";
export * from "./listen.ts";
export * from "./queue.ts";
