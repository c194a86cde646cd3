// The native add-on: the raw functions, of which the caller checks counts and brings all memory; `@halfroom/crypto` wraps them as kernels.
export { FIELD_OPERATIONS, type FieldOperation, type NativeCode, type NativePath } from "./addon.ts";
export * from "./group.ts";
export * from "./aes.ts";
export * from "./code.ts";
