// How fast a kernel is on this machine: the yardstick of the pseudonymise stage, which can be no faster.
import { SCALAR_BYTES } from "./kernel.ts";
import type { GroupKernel } from "./kernel.ts";

const BATCH = 1024;

/**
 * Multiplications a second of one thread, by one scalar in batches, in at least `milliseconds` of this process's
 * processor time. No other thread of the process may be working at the same time.
 */
export function measureMultiplicationsPerSecond(kernel: GroupKernel, milliseconds: number): number {
  const scalars = Uint8Array.from({ length: BATCH * SCALAR_BYTES }, (_, i) =>
    i % SCALAR_BYTES === 31 ? 15 : i * i + 1,
  );
  const scalar = scalars.slice(0, SCALAR_BYTES);
  const points = kernel.multiplyBase(scalars);
  return ratePerSecond(() => kernel.multiplyByOne(points, scalar), BATCH, milliseconds);
}

/** Elements a second of an operation on batches of `count`, in at least `milliseconds` of processor time. */
export function ratePerSecond(operation: () => unknown, count: number, milliseconds: number): number {
  const start = process.cpuUsage();
  let batches = 0;
  let elapsed = 0;
  while (elapsed < milliseconds) {
    operation();
    batches++;
    elapsed = processorMilliseconds(start);
  }
  return (batches * count * 1000) / elapsed;
}

function processorMilliseconds(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
