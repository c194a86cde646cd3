// What runs in a thread that takes a while to load.
import { setTimeout as pause } from "node:timers/promises";
import { workerData } from "node:worker_threads";

await pause(300);
Atomics.store(new Int32Array(workerData), 0, 1);

export function task() {}
