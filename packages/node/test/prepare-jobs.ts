// A process that prepares people with little memory until it is killed: `node --import tools/typescript.js prepare-jobs.ts SCRATCH CSV`.
import { datasetSchema, preparePeople } from "@halfroom/prepare";
import { Scratch } from "../src/store/scratch.ts";

const [root, csv] = process.argv.slice(2);
const dataset = datasetSchema.parse({
  name: "people",
  source: { csv },
  match: { email: { columns: "email" } },
  measures: { amount: {} },
});
const request = {
  match: ["email"],
  measures: [{ name: "amount", low: 0n, high: 10n ** 9n, decimals: 0 }],
  partitions: [],
};
const scratch = await new Scratch(root!).open();
for (;;) await preparePeople(dataset, request, { scratch, threads: 2, memoryLimitMiB: 64 });
