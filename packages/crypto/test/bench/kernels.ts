// npm run bench:kernel: operations a second of every elliptic-curve kernel that runs here, on one thread, by the
// process's own processor time.
import { nativePaths } from "@halfroom/crypto-native";
import { loadNativeKernel, loadSodium, loadSodiumAlone, nobleKernel, ratePerSecond } from "@halfroom/crypto";
import type { GroupKernel } from "@halfroom/crypto";

/** Elements of a batch, as many as the OPRF sends in one. */
const BATCH = 2048;
/** noble needs seconds for the OPRF's batch. */
const BATCH_NOBLE = 64;
const MEASURE_MS = 500;

/** Rates of one kernel, elements a second. */
function measure(kernel: GroupKernel): Record<string, number> {
  const count = kernel === nobleKernel ? BATCH_NOBLE : BATCH;
  const uniform = Uint8Array.from({ length: count * 64 }, (_, i) => (i * i * 167) >> 7);
  const scalars = kernel.reduceScalars(uniform);
  const scalar = scalars.slice(0, 32);
  const points = kernel.mapToGroup(uniform);
  const base = points.slice(0, 32);
  const rate = (operation: () => unknown) => Math.round(ratePerSecond(operation, count, MEASURE_MS));
  return {
    multiplyByOne: rate(() => kernel.multiplyByOne(points, scalar)),
    multiply: rate(() => kernel.multiply(points, scalars)),
    mapAndMultiplyByOne: rate(() => kernel.mapAndMultiplyByOne(uniform, scalar)),
    mapAndAddMultiples: rate(() => kernel.mapAndAddMultiples(uniform, base, scalars)),
    subtractMultiples: rate(() => kernel.subtractMultiples(points, base, scalars)),
    mapToGroup: rate(() => kernel.mapToGroup(uniform)),
    multiplyBase: rate(() => kernel.multiplyBase(scalars)),
    sumOfProducts: rate(() => kernel.sumOfProducts(points, scalars)),
    add: rate(() => kernel.add(points, points)),
  };
}

const natives = nativePaths().map((path) => loadNativeKernel(path)!);
const kernels = [...natives, await loadSodium(), await loadSodiumAlone(), nobleKernel];
console.table(Object.fromEntries(kernels.map((kernel) => [kernel.name, measure(kernel)])));
