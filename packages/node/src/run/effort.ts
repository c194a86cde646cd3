// About how long a report takes, and how much it moves. Bytes follow from public sizes (`trafficOf`); seconds from what the benchmark of
// docs/bench measured a person to cost on this kind of kernel, this machine's own speed at the elliptic curve, and the way to the partner.
// The partner is taken to have a machine like this one.
import { availableParallelism } from "node:os";
import { loadKernel, measureMultiplicationsPerSecond } from "@halfroom/crypto";
import { sentInAll, trafficOf, type TableSizes, type Terms, type Traffic } from "@halfroom/session";
import type { NodeState } from "../node-state.ts";
import type { Assumed } from "./outlook.ts";

export interface Effort {
  /** Of this side's wall clock, the line's rate aside. */
  readonly seconds: number;
  /** Both ways together. */
  readonly bytes: number;
  /** The way that more go. */
  readonly busierBytes: number;
  /** Whether nobody of this side is known under the epoch's key yet, so that all have to be evaluated. */
  readonly isFirst: boolean;
  /** What is not known of the partner before a first session. */
  readonly assumed: readonly Assumed[];
}

export interface EffortQuestion {
  readonly terms: Terms;
  readonly sizes: TableSizes;
  /** Identifiers that have no pseudonym yet, of each side. */
  readonly fresh: { readonly sender: number; readonly receiver: number };
  readonly isFirst: boolean;
  readonly assumed: readonly Assumed[];
  /** What reading this side's data took just now. */
  readonly prepareSeconds: number;
  /** To the partner and back. */
  readonly roundTripSeconds: number;
}

/** Processor seconds of both sides together. */
const COSTS = {
  /**
   * Multiplications by a scalar for each identifier: blinded, evaluated with its proof, checked and unblinded; the sender's own. As much time as
   * so many of them take, with the add-on and without (docs/bench/README.md).
   */
  receiverMultiplications: 3,
  senderMultiplications: 1.1,
  /** Seconds for each item in the match. */
  senderItem: 13e-6,
  receiverItem: 21e-6,
  /** Seconds for each item of the receiver and grouping of more cells than one, whatever their number. */
  grouping: 13e-6,
  /** Seconds for each leaf of trees and slots, and for each gate of a network with the transfers that it takes, of two numbers. */
  leaf: 14e-9,
  gate: 0.7e-6,
  /** Seconds for each byte that crediting moves. */
  creditByte: 26e-9,
} as const;
/** How much slower all but the elliptic curve is where the native add-on is missing. */
const WITHOUT_NATIVE = 2.3;
/**
 * Seconds for each transfer that an expansion makes where the native add-on is missing: grown at one side, punctured at the other, hashed at both.
 * With the add-on it is nothing beside what it saves elsewhere (docs/bench/README.md).
 */
const EXPANDED_WITHOUT_NATIVE = 0.2e-6;
/** Of the processor time of two machines that wait for each other now and then. */
const WAITING = 1.2;
/** Start of threads, agreement, release, receipts. */
const FIXED_SECONDS = 1;
/** From the proposal to the receipts (docs/bench/README.md). */
const ROUND_TRIPS = 15.5;
const MEASURE_MS = 30;

/** How fast this machine computes. */
export interface Machine {
  /** At the elliptic curve, of one thread. */
  readonly multiplicationsPerSecond: number;
  /** By which all else is multiplied. */
  readonly slower: number;
  /** Seconds for each transfer that an expansion makes. */
  readonly expandedTransfer: number;
  readonly threads: number;
}

export async function machineOf({ settings }: Pick<NodeState, "settings">): Promise<Machine> {
  const kernel = await loadKernel();
  const isNative = kernel.name.startsWith("native");
  return {
    multiplicationsPerSecond: measureMultiplicationsPerSecond(kernel, MEASURE_MS),
    slower: isNative ? 1 : WITHOUT_NATIVE,
    expandedTransfer: isNative ? 0 : EXPANDED_WITHOUT_NATIVE,
    threads: settings.threads || availableParallelism(),
  };
}

export function effortOf(
  { multiplicationsPerSecond: rate, slower, expandedTransfer, threads }: Machine,
  question: EffortQuestion,
): Effort {
  const { terms, sizes, fresh, isFirst, assumed, prepareSeconds, roundTripSeconds } = question;
  const traffic = trafficOf(terms, sizes, fresh.receiver);
  const sent = sentInAll(traffic);
  const { receiverMultiplications, senderMultiplications } = COSTS;
  const pseudonyms = (receiverMultiplications * fresh.receiver + senderMultiplications * fresh.sender) / rate;
  const processor =
    pseudonyms + slower * afterPseudonyms(terms, sizes, traffic) + expandedTransfer * traffic.expanded;
  const computing = (processor / (2 * threads)) * WAITING;
  return {
    seconds: FIXED_SECONDS + prepareSeconds + computing + ROUND_TRIPS * roundTripSeconds,
    bytes: Math.round(sent.sender + sent.receiver),
    busierBytes: Math.round(Math.max(sent.sender, sent.receiver)),
    isFirst,
    assumed,
  };
}

function afterPseudonyms(
  terms: Terms,
  { sender, receiver }: TableSizes,
  { aggregate, leaves, gates }: Traffic,
): number {
  const each = 2 ** terms.match.length - 1;
  const items = { sender: sender.people * each, receiver: receiver.people * each };
  const groupings = terms.entriesMax * receiver.cells.filter((cells) => cells > 1).length;
  const ofItem = COSTS.receiverItem + COSTS.grouping * groupings;
  const grouped = COSTS.leaf * leaves + COSTS.gate * gates;
  const credit = terms.events === undefined ? 0 : COSTS.creditByte * (aggregate.sender + aggregate.receiver);
  return COSTS.senderItem * items.sender + ofItem * items.receiver + grouped + credit;
}
