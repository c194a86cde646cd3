// A pool of threads that may be ended at any time.
import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { Piscina } from "piscina";

export class ThreadPool<Task, Result> extends Piscina<Task, Result> {
  readonly #loaded: Promise<unknown>;

  constructor(options: ConstructorParameters<typeof Piscina>[0]) {
    super(options);
    this.#loaded = Promise.all(this.threads.map(loaded));
    // Of a thread without a task; the next task starts another. Without a listener it would end the process.
    this.on("error", () => {});
  }

  /**
   * Ends the threads; tasks under way reject. A thread that still loads its modules finishes that before: Node aborts the whole process if a
   * thread ends while `require` loads a module that is none of CommonJS (seen with Node 20.20).
   */
  override async destroy(): Promise<void> {
    // Else a process with nothing else to do would end in the middle of this.
    this.threads.forEach((thread) => thread.ref());
    await this.#loaded;
    await super.destroy();
  }
}

/** Resolves with a thread's first message, which says that it has loaded its modules, or with its end. */
async function loaded(thread: Worker): Promise<void> {
  await Promise.race([once(thread, "message"), once(thread, "exit")]).catch(() => {});
}
