// Watches over a thread that fuzzes: what it found, or the input that it failed at, whatever became of it.
import { Worker } from "node:worker_threads";
import type { Learnt, Until } from "./learn.ts";
import { INPUT_BYTES_MAX } from "./mutate.ts";

/** The thread loads sources, the targets' own among them. */
const TYPESCRIPT = new URL("../../tools/typescript.js", import.meta.url).href;

/** Two words, inputs so far and the length of the last one, then its bytes. */
const SHARED_BYTES = 8 + INPUT_BYTES_MAX;

export interface Work {
  readonly module: string;
  readonly target: string;
  readonly seed: string;
  readonly kept: readonly Uint8Array[];
  readonly until: Until;
  readonly learns?: boolean;
  readonly shared: SharedArrayBuffer;
}

interface Failed {
  readonly input: Uint8Array;
  readonly error: unknown;
}

const WATCH_MS = 1000;

interface Limits {
  /** Longer than one input takes. */
  readonly hangMs: number;
  /** Of the thread. */
  readonly heapMb: number;
}

/** Rejects if the thread fails before the first input. */
export async function watched(
  work: Omit<Work, "shared">,
  { hangMs, heapMb }: Limits,
): Promise<Learnt | Failed> {
  const shared = new SharedArrayBuffer(SHARED_BYTES);
  const [count, length] = [0, 1];
  const head = new Int32Array(shared, 0, 2);
  const worker = new Worker(new URL("learn-worker.ts", import.meta.url), {
    execArgv: ["--import", TYPESCRIPT],
    workerData: { ...work, shared } satisfies Work,
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  });
  let seen = -1;
  let movedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Learnt | Failed>((resolve, reject) => {
      const fail = (error: unknown) => {
        if (Atomics.load(head, count) === 0) return reject(error as Error);
        resolve({ input: new Uint8Array(shared.slice(8, 8 + Atomics.load(head, length))), error });
      };
      worker.once("message", resolve);
      worker.once("error", fail);
      timer = setInterval(() => {
        const now = Atomics.load(head, count);
        // A thread that is still starting does not hang.
        if (now !== seen || now === 0) movedAt = performance.now();
        else if (performance.now() - movedAt > hangMs) fail(new Error(`hangs for ${hangMs} ms`));
        seen = now;
      }, WATCH_MS);
    });
  } finally {
    clearInterval(timer);
    await worker.terminate();
  }
}
