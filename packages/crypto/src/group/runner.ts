// Who runs jobs, as an interface: this thread, worker threads of this process, or other machines. Whoever has work for it only says
// what is to be done, as plain data.
import type { Arrays, Job } from "./job.ts";
import type { GroupKernel } from "./kernel.ts";

export interface RunOptions {
  /** A background job starts only when no other one waits. */
  readonly background?: boolean;
}

export interface JobRunner {
  /** The kernel of the calling thread, for single keys and points. */
  readonly kernel: GroupKernel;
  /** How many jobs run at the same time; it may change while they run. */
  readonly width: number;
  /**
   * Runs one job and consumes its input: the arrays may move away, and are wiped. Resolves with `undefined` if the job met an invalid
   * point; rejects if the job throws or the runner is closed.
   */
  run<Input extends Arrays, Output extends Arrays>(
    job: Job<Input, Output>,
    input: Input,
    options?: RunOptions,
  ): Promise<Output | undefined>;
}
