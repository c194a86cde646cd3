// Node 20 starts no worker from a .ts file: this one registers tsx, which strips types, and goes on in worker.ts.
import { register } from "tsx/esm/api";

register({ tsconfig: false });
const worker = import("./worker.ts");

export default async (job) => (await worker).runShardJob(job);
