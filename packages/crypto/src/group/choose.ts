// Which kernel a process uses: the native one if it is there and passes its self-test, otherwise libsodium.
// HALFROOM_KERNEL names another one. Worker threads see the same environment and so choose the same.
import { createHash } from "node:crypto";
import { loadNativeKernel } from "./native.ts";
import { equalRows } from "../rows.ts";
import { POINT_BYTES, SCALAR_BYTES, UNIFORM_BYTES } from "./kernel.ts";
import type { GroupKernel } from "./kernel.ts";

const LOADERS = {
  native: () => loadNativeKernel(),
  "native-ifma": () => loadNativeKernel("ifma"),
  "native-avx2": () => loadNativeKernel("avx2"),
  "native-portable": () => loadNativeKernel("portable"),
  sodium: loadSodium,
  noble: async () => (await import("./noble.ts")).nobleKernel,
} satisfies Record<string, () => GroupKernel | undefined | Promise<GroupKernel>>;

/** Values of HALFROOM_KERNEL; `native` is the fastest path of this processor. */
export type KernelName = keyof typeof LOADERS;
export const KERNEL_NAMES = Object.keys(LOADERS) as KernelName[];

/** Elements of the self-test: full groups of every path, and one left over. */
const SELF_TEST_COUNT = 33;
/** SHA-256 of the self-test's results, as noble computes them. */
const SELF_TEST_DIGEST = "7dc20b3f98297caf64c6a8cf4bbce380d82ac8786a055f0f9152ae6d35f145c7";

/**
 * The kernel called `name`, or the best one if it is undefined or empty. Error if there is no such kernel, if it is
 * not available on this machine, or if it computes wrongly.
 */
export async function loadKernel(name = process.env["HALFROOM_KERNEL"]): Promise<GroupKernel> {
  if (!name) return bestNative() ?? loadSodium();
  const known = KERNEL_NAMES.find((kernelName) => kernelName === name);
  if (!known) throw new Error(`HALFROOM_KERNEL: no kernel ${name}; there are ${KERNEL_NAMES.join(", ")}`);
  const kernel = await LOADERS[known]();
  if (!kernel) {
    throw new Error(
      `HALFROOM_KERNEL: ${name} was not built, or this processor cannot run it; ` +
        `"npm rebuild" builds it where a C compiler is`,
    );
  }
  if (!passesSelfTest(kernel)) throw new Error(`HALFROOM_KERNEL: ${name} fails its self-test`);
  return kernel;
}

/** Loaded where it is used: a command that multiplies nothing need not wait for it. */
async function loadSodium(): Promise<GroupKernel> {
  return (await import("./sodium.ts")).loadSodium();
}

function bestNative(): GroupKernel | undefined {
  const kernel = loadNativeKernel();
  return kernel && passesSelfTest(kernel) ? kernel : undefined;
}

/** Whether every operation gives what noble gives on one fixed batch. An add-on of an older build may lack one. */
export function passesSelfTest(kernel: GroupKernel): boolean {
  try {
    return selfTestDigest(kernel) === SELF_TEST_DIGEST;
  } catch {
    return false;
  }
}

/** A digest over one result of each operation. */
function selfTestDigest(kernel: GroupKernel): string {
  const uniform = Uint8Array.from({ length: SELF_TEST_COUNT * UNIFORM_BYTES }, (_, i) => (i * i * 167) >> 7);
  const scalars = kernel.reduceScalars(uniform);
  const one = scalars.subarray(0, SCALAR_BYTES);
  const others = kernel.reduceScalars(uniform.toReversed());
  const points = kernel.mapToGroup(uniform);
  const base = kernel.multiplyBase(scalars);
  const results = [
    scalars,
    points,
    base,
    others,
    kernel.multiply(points, scalars),
    kernel.multiplyByOne(points, one),
    kernel.mapAndMultiplyByOne(uniform, one),
    kernel.mapAndAddMultiples(uniform, points.subarray(0, POINT_BYTES), scalars),
    kernel.subtractMultiples(points, base.subarray(0, POINT_BYTES), scalars),
    kernel.add(points, base),
    kernel.subtract(points, base),
    kernel.sumOfProducts(points, scalars),
    kernel.subtractProducts(scalars, others, others),
    kernel.hashRows(one, equalRows(uniform, UNIFORM_BYTES), scalars),
  ];
  const digest = createHash("sha256");
  for (const result of results) digest.update(result ?? "refused");
  return digest.digest("hex");
}
