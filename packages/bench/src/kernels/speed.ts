// How fast the elliptic-curve kernel is on one core of this machine, for comparison with the pseudonymise stage.
import {
  equalRows,
  loadKernel,
  measureMultiplicationsPerSecond,
  randomScalars,
  ratePerSecond,
  systemRng,
} from "@halfroom/crypto";
import {
  blind,
  blindEvaluate,
  derivePublicKey,
  finalize,
  generateKey,
  OPRF_BATCH,
  OPRF_JOBS,
  PROOF_RANDOM_BYTES,
  WholeRows,
} from "@halfroom/match";

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

/** Rows per second on one core that does only the OPRF's own steps, batch after batch (RFC 9497, section 3.3.2). */
export interface OprfSpeed {
  /** Of a row of the receiver what it does itself: blind, verify the proof and finalize. */
  readonly receiverRowsPerSecond: number;
  /** Of such a row what the sender does: evaluate and prove. */
  readonly evaluatedRowsPerSecond: number;
  /** Of such a row what both do, without the proof. */
  readonly unprovedRowsPerSecond: number;
  /** The sender's own evaluation of a row. */
  readonly senderRowsPerSecond: number;
}

export async function oprfSpeed(): Promise<OprfSpeed> {
  const kernel = await loadKernel();
  const inputs = new WholeRows(equalRows(systemRng.bytes(OPRF_BATCH * ROW_BYTES), ROW_BYTES));
  const rows = inputs.copy({ start: 0, end: OPRF_BATCH });
  const secretKey = generateKey(kernel, systemRng);
  const publicKey = derivePublicKey(kernel, secretKey);
  const keys = { secretKey, publicKey };
  const { blindBatch, blindEvaluateBatch, finalizeBatch, evaluateBatch } = OPRF_JOBS;
  const blinds = randomScalars(kernel, systemRng, OPRF_BATCH);
  const randomness = systemRng.bytes(PROOF_RANDOM_BYTES);
  const { points: blinded } = blindBatch.run(kernel, { ...rows, blinds })!;
  const evaluateAndProve = () => blindEvaluateBatch.run(kernel, { points: blinded, randomness, ...keys })!;
  const evaluated = evaluateAndProve();
  return {
    receiverRowsPerSecond: bestRate(() => {
      blindBatch.run(kernel, { ...rows, blinds });
      finalizeBatch.run(kernel, { ...rows, blinds, blinded, ...evaluated, publicKey });
    }),
    evaluatedRowsPerSecond: bestRate(evaluateAndProve),
    unprovedRowsPerSecond: bestRate(() => {
      const elements = blindEvaluate(kernel, secretKey, blind(kernel, rows, blinds)!)!;
      finalize(kernel, rows, blinds, elements, publicKey);
    }),
    senderRowsPerSecond: bestRate(() => evaluateBatch.run(kernel, { ...rows, secretKey })),
  };
}

function bestRate(operation: () => unknown): number {
  const rates = Array.from({ length: TIMES }, () => ratePerSecond(operation, OPRF_BATCH, MEASURE_MS / TIMES));
  return Math.max(...rates);
}
