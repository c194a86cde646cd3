export * from "./half.types.ts";
