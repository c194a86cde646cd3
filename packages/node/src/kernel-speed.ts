import { loadKernel, measureMultiplicationsPerSecond } from "@halfroom/crypto";

const MEASURE_MS = 1000;

/** The speed of an elliptic-curve kernel on one core, by default this process's, to set the pseudonymise stage beside. */
export async function kernelSpeed(
  kernelName?: string,
): Promise<{ name: string; multiplicationsPerSecond: number }> {
  const kernel = await loadKernel(kernelName);
  return { name: kernel.name, multiplicationsPerSecond: measureMultiplicationsPerSecond(kernel, MEASURE_MS) };
}
