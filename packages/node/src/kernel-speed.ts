import { loadKernel, measureMultiplicationsPerSecond } from "@halfroom/crypto";

const MEASURE_MS = 1000;

/** The speed of this machine's elliptic-curve kernel on one core, to set the pseudonymise stage beside. */
export async function kernelSpeed(): Promise<{ name: string; multiplicationsPerSecond: number }> {
  const kernel = await loadKernel();
  return { name: kernel.name, multiplicationsPerSecond: measureMultiplicationsPerSecond(kernel, MEASURE_MS) };
}
