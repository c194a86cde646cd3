// The part of the protocol that each kind of message belongs to.
import type { MessageType } from "@halfroom/wire";
import type { KindOfMessage } from "./kinds.ts";

export const PARTS = [
  "OPRF",
  "keys of bins",
  "store",
  "transfers",
  "trees, slots, networks",
  "products",
  "gates",
  "release",
  "all else",
] as const;
type Part = (typeof PARTS)[number];

/** Trees of the set-up and of silent transfers are among the trees; `all else` is mostly what depends on words. */
const PART_OF: Readonly<Record<MessageType, Part>> = {
  blinded: "OPRF",
  evaluated: "OPRF",
  binMatrix: "keys of bins",
  binCheck: "keys of bins",
  binMasks: "keys of bins",
  store: "store",
  baseOtKey: "transfers",
  baseOtChoices: "transfers",
  otCorrections: "transfers",
  silentMask: "transfers",
  silentProof: "transfers",
  treeCorrections: "trees, slots, networks",
  treeFlips: "trees, slots, networks",
  leafCorrections: "trees, slots, networks",
  productFlips: "products",
  productCorrections: "products",
  gateOpening: "gates",
  lookupFlips: "gates",
  lookupTables: "gates",
  transcript: "release",
  passCommitment: "release",
  passOpening: "release",
  cellCommitment: "release",
  cellOpeningNonce: "release",
  cellOpening: "release",
  done: "release",
  abort: "all else",
  shardBegins: "all else",
  propose: "all else",
  answer: "all else",
  statement: "all else",
  signature: "all else",
  preview: "all else",
  complete: "all else",
  seedCommitment: "all else",
  seedShare: "all else",
  seedOpening: "all else",
  laneTranscripts: "all else",
  shardAgain: "all else",
  shardsDone: "all else",
  streamListens: "all else",
  streamDials: "all else",
  labelsSize: "all else",
  labels: "all else",
  bases: "all else",
  receipt: "all else",
  join: "all else",
  joined: "all else",
  seriesNonce: "all else",
  seriesSignature: "all else",
  seriesEnd: "all else",
};

export interface PartBytes {
  readonly part: Part;
  /** Both ways. */
  readonly modelled: number;
  readonly measured: number;
}

/** Every part, in order, and what its messages moved. */
export function bytesOfParts(messages: readonly KindOfMessage[]): PartBytes[] {
  return PARTS.map((part) => {
    const own = messages.filter(({ type }) => PART_OF[type] === part);
    const sum = (member: "modelled" | "measured") =>
      own.reduce((total, { [member]: each }) => total + each.sender + each.receiver, 0);
    return { part, modelled: sum("modelled"), measured: sum("measured") };
  });
}
