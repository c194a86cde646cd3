// How fast the elliptic-curve kernel is on one core of this machine, for comparison with the pseudonymise stage.
import {
  equalRows,
  loadKernel,
  measureMultiplicationsPerSecond,
  randomScalars,
  ratePerSecond,
  systemRng,
} from "@halfroom/crypto";
import { blind, blindEvaluate, evaluate, finalize, OPRF_BATCH } from "@halfroom/match";

const MEASURE_MS = 1000;
/** How often the OPRF is measured; the best counts, since a reference slowed by other work would flatter the stage. */
const TIMES = 4;
const ROW_BYTES = 51;

export interface KernelSpeed {
  readonly name: string;
  readonly multiplicationsPerSecond: number;
}

/** By default for this process's kernel. */
export async function kernelSpeed(kernelName?: string): Promise<KernelSpeed> {
  const kernel = await loadKernel(kernelName);
  return { name: kernel.name, multiplicationsPerSecond: measureMultiplicationsPerSecond(kernel, MEASURE_MS) };
}

/** Rows per second on one core that does only the OPRF's own steps, batch after batch (RFC 9497, section 3.3.1). */
export interface OprfSpeed {
  /** All three steps for a row of the receiver: blind, evaluate, finalize. */
  readonly receiverRowsPerSecond: number;
  /** The sender's own evaluation of a row. */
  readonly senderRowsPerSecond: number;
}

export async function oprfSpeed(): Promise<OprfSpeed> {
  const kernel = await loadKernel();
  const rows = equalRows(systemRng.bytes(OPRF_BATCH * ROW_BYTES), ROW_BYTES);
  const blinds = randomScalars(kernel, systemRng, OPRF_BATCH);
  const key = randomScalars(kernel, systemRng, 1);
  const publicKey = kernel.multiplyBase(key);
  const receiver = () => {
    const blinded = blind(kernel, rows, blinds)!;
    finalize(kernel, rows, blinds, blindEvaluate(kernel, key, blinded)!, publicKey);
  };
  const best = (operation: () => unknown) =>
    Math.max(
      ...Array.from({ length: TIMES }, () => ratePerSecond(operation, OPRF_BATCH, MEASURE_MS / TIMES)),
    );
  return {
    receiverRowsPerSecond: best(receiver),
    senderRowsPerSecond: best(() => evaluate(kernel, key, rows)),
  };
}
