// What a process uses, as the system says (proc(5)).
import { readdirSync, readFileSync } from "node:fs";

/** sysconf(_SC_CLK_TCK) of Linux on every platform that Node runs on. */
const TICKS_PER_SECOND = 100;
/** Indexes of utime and stime in /proc/PID/stat after the command's name. */
const [USER_TICKS, SYSTEM_TICKS] = [11, 12];

export interface ProcessFigures {
  /** Resident. */
  readonly memoryBytes: number;
  readonly descriptors: number;
  /** Of all its threads since it began. */
  readonly cpuSeconds: number;
}

export function figuresOf(pid: number): ProcessFigures {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    memoryBytes: Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)![1]) * 1024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    cpuSeconds: (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) / TICKS_PER_SECOND,
  };
}
