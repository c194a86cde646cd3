// What the benchmark measures and writes to bench.json.
import type { StageOfBoth } from "@halfroom/report";
import type { LineSpec } from "./line/line.ts";
import type { OprfSpeed } from "./kernels/speed.ts";
import type { Machine, Moment } from "./machine.ts";
import type { KindOfMessage } from "./bytes/kinds.ts";
import type { ExpansionSizes } from "./bytes/expected.ts";

export interface BenchRun {
  readonly senderPeople: number;
  readonly receiverPeople: number;
  /** Of the report. */
  readonly cells: number;
  readonly measures: number;
  /** Where transfers come from. */
  readonly transfers: Transfers;
  /** Undefined: both nodes on this machine's own network. */
  readonly link?: LineSpec;
  /** Warm: both sides hold the pseudonyms of all their people from an earlier session. */
  readonly warm: boolean;
  readonly stages: readonly StageOfBoth[];
  /** Of the side that proposed, from preparing to the receipt. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /**
   * For the cold pseudonymise stage: the time that the kernel alone, proofs included, would take on all cores, over the time it took. The
   * sender starts with its own people while both sides agree, a fraction of a second before the stage.
   */
  readonly kernelShare?: number;
  /** The same for the side that has more to do, and half of the cores: with a thread for each of these a side has no more. */
  readonly busierSideShare?: number;
  /** After pseudonymise: rows of the receiver per second of processor time of one node, the mean of both. */
  readonly rowsPerCoreSecond: number;
  /** Both ways, without the transport's own envelope. */
  readonly bytesPerRow: number;
  /** The same by kind of message, beside what the byte model says. */
  readonly messages: readonly KindOfMessage[];
  /** Of silent transfers: the expansions of each shard. */
  readonly expansions?: ExpansionSizes;
  /** The process's peak so far: the receiver's node serves both the cold and the warm session. */
  readonly peakMemoryBytes: { readonly sender: number; readonly receiver: number };
  /** The machine's load average over a minute when the session ended: other work makes sessions slower. */
  readonly load: number;
  /** With a link: seconds that the line's rate alone takes for the bytes of the direction that has more. */
  readonly wireSeconds?: number;
}

export const TRANSFERS = ["softspoken", "silent"] as const;
export type Transfers = (typeof TRANSFERS)[number];

export interface Growth {
  /** What grows while all else stays. */
  readonly by: "people" | "cells" | "measures";
  readonly transfers: Transfers;
  readonly link?: LineSpec;
  readonly warm: boolean;
  readonly from: number;
  readonly to: number;
  /** The exponent e in cost ~ size^e, for seconds, processor seconds and bytes. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly bytes: number;
}

export interface KernelRates {
  /** ristretto255 multiplications per second on one core, by kernel. */
  readonly multiplications: Readonly<Record<string, number>>;
  /** Results of `openssl speed`, bytes or operations per second; empty where there is no openssl. */
  readonly openssl: Readonly<Record<string, number>>;
}

export interface PeerRun {
  readonly peer: string;
  readonly people: number;
  /** For both of its sides, one after the other on one core; it only finds how many people are shared. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Its time divided by that of each of our cold sessions over the same sets, by wall clock and by processor time. */
  readonly beside: readonly {
    readonly transfers: Transfers;
    readonly link?: LineSpec;
    readonly cells: number;
    readonly measures: number;
    readonly ratio: number;
    readonly cpuRatio: number;
  }[];
}

export interface Bench {
  readonly machine: Machine;
  readonly started: Moment;
  readonly ended: Moment;
  readonly threadsPerNode: number;
  /** Without noise. */
  readonly exact: boolean;
  readonly kernel: string;
  readonly oprf: OprfSpeed;
  readonly runs: readonly BenchRun[];
  readonly growth: readonly Growth[];
  readonly kernels?: KernelRates;
  readonly peers?: readonly PeerRun[];
}
