// The machine that a run was measured on, and how busy it was: without it no figure says anything.
import { availableParallelism, cpus, loadavg, release, type } from "node:os";

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  /** The operating system's kernel. */
  readonly system: string;
  readonly node: string;
}

/** When something was measured, and the load average over a minute then. */
export interface Moment {
  /** ISO 8601, in UTC, to the second. */
  readonly at: string;
  readonly load: number;
}

export function thisMachine(): Machine {
  return {
    processor: cpus()[0]?.model ?? "unknown processor",
    cores: availableParallelism(),
    system: `${type()} ${release()}`,
    node: process.version,
  };
}

export function thisMoment(): Moment {
  return { at: `${new Date().toISOString().slice(0, 19)}Z`, load: Math.round(loadavg()[0]! * 100) / 100 };
}
