// A unit of elliptic-curve work: one whole batch, from named arrays to named arrays.
import type { GroupKernel } from "./kernel.ts";

/** Each array owns the whole of its buffer, so that it can move between threads without a copy. */
export type Arrays = Readonly<Record<string, Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>>;

/**
 * A function that workers find again by file and name: `module` is the URL of the file that exports the job as `name`, and is
 * written as `new URL` of that file's name, so that a built package keeps it as a file of its own. `run` is pure; its result shares no memory with its input and is `undefined` for an invalid point.
 */
export interface Job<Input extends Arrays, Output extends Arrays> {
  readonly module: string;
  readonly name: string;
  run(kernel: GroupKernel, input: Input): Output | undefined;
}

/** Of an array of a right result: how many bytes it may have, and whether they are points, n x 32 bytes. */
export interface ResultArray {
  readonly bytes: readonly number[];
  readonly points?: true;
}

/** A job that may also run on another machine of the same owner. */
export interface BlockJob<Input extends Arrays, Output extends Arrays> extends Job<Input, Output> {
  /** Secrets that are the same in all jobs of a session: another machine is given them once, and not with each job. */
  readonly secrets: readonly (keyof Input & string)[];
  /** What a right result for this input looks like, which one of another machine is held to before it is used. */
  shape(input: Input): Readonly<Record<keyof Output & string, ResultArray>>;
}

/** Runs a job in this thread and wipes its input, which may hold keys and identifiers. */
export function runJob<Input extends Arrays, Output extends Arrays>(
  job: Job<Input, Output>,
  kernel: GroupKernel,
  input: Input,
): Output | undefined {
  try {
    return job.run(kernel, input);
  } finally {
    for (const array of Object.values(input)) array.fill(0);
  }
}

/** The buffers behind the arrays, to hand to another thread. */
export function buffersOf(arrays: Arrays): ArrayBuffer[] {
  return Object.values(arrays).map((array) => array.buffer);
}
