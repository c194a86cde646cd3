// Worker threads for elliptic-curve work. Randomness never comes from a worker: the caller draws it and passes it in.
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { queueOptionsSymbol } from "piscina";
import { buffersOf, runJob } from "./job.ts";
import { loadKernel } from "./choose.ts";
import { ThreadPool } from "./thread-pool.ts";
import type { TaskQueue } from "piscina";
import type { Arrays, Job } from "./job.ts";
import type { GroupKernel } from "./kernel.ts";
import type { JobRunner, RunOptions } from "./runner.ts";
import type { Task } from "./worker.ts";

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** Runs whole-batch jobs on `threads` workers; with 0 threads, in the calling thread. */
export class GroupPool implements JobRunner {
  readonly kernel: GroupKernel;
  readonly width: number;
  readonly #workers: ThreadPool<Task, Arrays | undefined> | undefined;
  #closed = false;

  private constructor(kernel: GroupKernel, threads: number) {
    this.kernel = kernel;
    this.width = Math.max(1, threads);
    if (threads === 0) return;
    this.#workers = new ThreadPool({
      filename: WORKER,
      name: "runTask",
      minThreads: threads,
      maxThreads: threads,
      taskQueue: new TwoQueues(),
      stricterFIFO: true,
    });
  }

  static async open(threads: number): Promise<GroupPool> {
    return new GroupPool(await loadKernel(), threads);
  }

  /** The arrays of the input move to the worker. */
  async run<Input extends Arrays, Output extends Arrays>(
    job: Job<Input, Output>,
    input: Input,
    { background = false }: RunOptions = {},
  ): Promise<Output | undefined> {
    if (this.#closed) throw new Error("the pool is closed");
    if (this.#workers) {
      const task = { module: job.module, name: job.name, input, [queueOptionsSymbol]: { background } };
      return (await this.#workers.run(task, { transferList: buffersOf(input) })) as Output | undefined;
    }
    await setImmediate(); // lets messages through between two jobs
    return runJob(job, this.kernel, input);
  }

  /** Ends the workers; jobs under way reject. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#workers?.destroy();
  }
}

type QueuedTask = Parameters<TaskQueue["push"]>[0];

/** First come, first served, but background jobs after all others. */
class TwoQueues implements TaskQueue {
  readonly #first: QueuedTask[] = [];
  readonly #background: QueuedTask[] = [];

  get size(): number {
    return this.#first.length + this.#background.length;
  }

  push(task: QueuedTask): void {
    this.#queueOf(task).push(task);
  }

  /** Takes back the task shifted last, for which no worker was free. */
  unshift(task: QueuedTask): void {
    this.#queueOf(task).unshift(task);
  }

  shift(): QueuedTask | null {
    return this.#first.shift() ?? this.#background.shift() ?? null;
  }

  remove(task: QueuedTask): void {
    const queue = this.#queueOf(task);
    const index = queue.indexOf(task);
    if (index !== -1) queue.splice(index, 1);
  }

  #queueOf(task: QueuedTask): QueuedTask[] {
    const { background } = task[queueOptionsSymbol] as Required<RunOptions>;
    return background ? this.#background : this.#first;
  }
}
