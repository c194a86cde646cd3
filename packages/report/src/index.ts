export * from "./table.ts";
export * from "./released.ts";
export * from "./columns.ts";
export * from "./decimal.ts";
export * from "./json.ts";
export * from "./csv.ts";
export * from "./printable.ts";
export * from "./terminal.ts";
