import { fileURLToPath } from "node:url";

const fileAt = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The command whose nodes are measured, as a checkout has it. */
export const HALFROOM = fileAt("../../cli/bin/halfroom.js");
/** This benchmark, for measurements that need a process of their own. */
export const BENCH = fileAt("../bin/bench.js");
