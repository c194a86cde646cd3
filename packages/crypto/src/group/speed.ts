// How fast a kernel is on this machine: the yardstick of the pseudonymise stage, which can be no faster.
import { SCALAR_BYTES } from "./kernel.ts";
import type { GroupKernel } from "./kernel.ts";

const BATCH = 1024;

/**
 * Multiplications a second of one thread, by one scalar in batches, in at least `milliseconds` of this process's
 * processor time: what else the machine does counts little, but no other thread of the process may work.
 */
export function measureMultiplicationsPerSecond(kernel: GroupKernel, milliseconds: number): number {
  const scalars = Uint8Array.from({ length: BATCH * SCALAR_BYTES }, (_, i) =>
    i % SCALAR_BYTES === 31 ? 15 : i * i + 1,
  );
  const scalar = scalars.slice(0, SCALAR_BYTES);
  const run = (points: Uint8Array) => kernel.multiplyByOne(points, scalar)!;
  return ratePerSecond(kernel.multiplyBase(scalars), run, BATCH, milliseconds);
}

/** Elements a second of an operation on batches of `count`; each batch gets the result of the one before. */
function ratePerSecond<Batch>(
  first: Batch,
  operation: (batch: Batch) => Batch,
  count: number,
  milliseconds: number,
): number {
  const start = process.cpuUsage();
  let batch = first;
  let batches = 0;
  let elapsed = 0;
  while (elapsed < milliseconds) {
    batch = operation(batch);
    batches++;
    elapsed = processorMilliseconds(start);
  }
  return (batches * count * 1000) / elapsed;
}

function processorMilliseconds(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
