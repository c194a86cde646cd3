export * from "./rng.ts";
export * from "./labels.ts";
export * from "./rows.ts";
