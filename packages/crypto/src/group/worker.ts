// What runs in a worker thread: it loads the kernel once and then takes jobs by name.
import { move, transferableSymbol, valueSymbol } from "piscina";
import { buffersOf, runJob } from "./job.ts";
import { loadKernel } from "./choose.ts";
import type { Arrays, Job } from "./job.ts";

export interface Task {
  readonly module: string;
  readonly name: string;
  readonly input: Arrays;
}

const kernel = await loadKernel();

/** Runs one job; its output moves back to the caller's thread. */
export async function runTask({ module, name, input }: Task): Promise<unknown> {
  const jobs = (await import(module)) as Readonly<Record<string, Job<Arrays, Arrays>>>;
  const job = jobs[name];
  if (!job) throw new Error(`${module} exports no job ${name}`);
  const output = runJob(job, kernel, input);
  return output && moved(output);
}

function moved(output: Arrays): unknown {
  return move({ [transferableSymbol]: buffersOf(output), [valueSymbol]: output });
}
