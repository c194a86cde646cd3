// What the benchmark measures and writes to bench.json.
import type { StageOfBoth } from "@halfroom/report";
import type { OprfSpeed } from "./kernels/speed.ts";

export interface BenchRun {
  readonly senderPeople: number;
  readonly receiverPeople: number;
  /** Warm: both sides hold the pseudonyms of all their people from an earlier session. */
  readonly warm: boolean;
  readonly stages: readonly StageOfBoth[];
  /** Of the side that proposed, from preparing to the receipt. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /**
   * Of the cold pseudonymise stage: the time that the kernel alone would take on all cores, over the time it took. The sender
   * begins with its own people while both agree, a part of a second before the stage.
   */
  readonly kernelShare?: number;
  /** After pseudonymise: rows of the receiver a second of processor time of one node, the mean of both. */
  readonly rowsPerCoreSecond: number;
  /** Both ways, without the transport's own envelope. */
  readonly bytesPerRow: number;
  /** Highest of the process so far: the receiver's node serves the cold and the warm session. */
  readonly peakMemoryBytes: { readonly sender: number; readonly receiver: number };
  /** The machine's load average over a minute, as the session ended: other work makes seconds longer. */
  readonly load: number;
}

export interface Growth {
  readonly warm: boolean;
  readonly from: number;
  readonly to: number;
  /** e in cost ~ people^e, of seconds and of processor seconds. */
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export interface KernelRates {
  /** ristretto255 multiplications a second on one core, by kernel. */
  readonly multiplications: Readonly<Record<string, number>>;
  /** What `openssl speed` says, bytes or operations a second; empty where there is no openssl. */
  readonly openssl: Readonly<Record<string, number>>;
}

export interface PeerRun {
  readonly peer: string;
  readonly people: number;
  /** Both of its sides, one after the other on one core; it finds how many people are shared and nothing else. */
  readonly seconds: number;
  /** Its seconds over ours for the same sets, ours cold and with all stages, by wall clock and by processor time. */
  readonly ratio: number;
  readonly cpuRatio: number;
}

export interface Bench {
  readonly processor: string;
  readonly cores: number;
  readonly threadsPerNode: number;
  readonly cells: number;
  /** Without noise. */
  readonly exact: boolean;
  readonly kernel: string;
  readonly oprf: OprfSpeed;
  readonly runs: readonly BenchRun[];
  readonly growth: readonly Growth[];
  readonly kernels?: KernelRates;
  readonly peers?: readonly PeerRun[];
}
