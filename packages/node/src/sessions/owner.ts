// Identifies the process that works on a session, so that a restarted node can tell whether it is still alive: process ids are
// reused, in a container even at once.
import { readFileSync, readlinkSync } from "node:fs";

/** Index of the start time in /proc/PID/stat after the command's name, which may hold spaces (proc(5), field 22). */
const START_TIME_FIELD = 19;

/** This process: machine boot, process namespace, process id, start time; a part is empty where the system does not say. */
export function thisProcess(): string {
  return [bootId(), namespace(), String(process.pid), startTime(process.pid)].join(" ");
}

/** Undefined if it cannot be told: the process belongs to another namespace of this machine. */
export function isAlive(owner: string): boolean | undefined {
  if (owner === thisProcess()) return true;
  const [boot, space, pid, start] = owner.split(" ");
  if (boot !== bootId()) return false;
  if (space !== namespace()) return undefined;
  if (Number(pid) === process.pid) return false;
  return exists(Number(pid)) && startTime(Number(pid)) === start;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function startTime(pid: number): string {
  const stat = readOrEmpty(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[START_TIME_FIELD] ?? "";
}

function bootId(): string {
  return readOrEmpty(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
}

function namespace(): string {
  return readOrEmpty(() => readlinkSync("/proc/self/ns/pid"));
}

function readOrEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
