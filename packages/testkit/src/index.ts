export * from "./oracle.ts";
export * from "./people.ts";
