// Fuzzes one target in a thread of its own, so that an input that hangs or takes all memory is known.
import { parentPort, workerData } from "node:worker_threads";
import { learn } from "./learn.ts";
import type { Target } from "./target.ts";
import type { Work } from "./watch.ts";

const { module, target: name, shared, ...options } = workerData as Work;
const head = new Int32Array(shared, 0, 2);
const last = new Uint8Array(shared, 8);
const onInput = (input: Uint8Array) => {
  last.set(input.subarray(0, last.length));
  head[1] = Math.min(input.length, last.length);
  Atomics.add(head, 0, 1);
};
const lists = Object.values<readonly Target[]>(await import(module));
const target = lists.flat().find((each) => each.name === name)!;
parentPort!.postMessage(await learn(target, { ...options, onInput }));
