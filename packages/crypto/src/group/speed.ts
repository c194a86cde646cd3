// How fast a kernel is on this machine: the yardstick of the pseudonymise stage, which can be no faster.
import { SCALAR_BYTES } from "./kernel.ts";
import type { GroupKernel } from "./kernel.ts";

const BATCH = 64;

/** Multiplications a second of one thread, measured for at least `milliseconds`. */
export function measureMultiplicationsPerSecond(kernel: GroupKernel, milliseconds: number): number {
  const scalars = Uint8Array.from({ length: BATCH * SCALAR_BYTES }, (_, i) =>
    i % SCALAR_BYTES === 31 ? 15 : i + 1,
  );
  let points = kernel.multiplyBase(scalars);
  const start = performance.now();
  let batches = 0;
  let elapsed = 0;
  while (elapsed < milliseconds) {
    points = kernel.multiply(points, scalars)!;
    batches++;
    elapsed = performance.now() - start;
  }
  return (batches * BATCH * 1000) / elapsed;
}
