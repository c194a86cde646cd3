export * from "./oracle.ts";
export * from "./people.ts";
export * from "./cutting-proxy.ts";
export * from "./faults.ts";
export * from "./frames.ts";
export * from "./rng.ts";
export * from "./parties.ts";
export * from "./session.ts";
export { writeParquet } from "./parquet.ts";
