// What trees, slots and networks do for a piece, at either side. All leave shares of minus the masks of the bins in a table, each in the cell of
// its bin: with trees and slots since the sender has taken all leaves off its share, and the receiver added all but those in the holes.
import type { RingArray } from "@halfroom/crypto";
import type { OtReceiverChannel, OtSenderChannel } from "@halfroom/mpc";
import type { Channel } from "@halfroom/wire";

/** Bins from number `start` on; of a network, gates of a step. */
export interface Part {
  /** 0 but of a network. */
  readonly step: number;
  readonly start: number;
  readonly count: number;
  /** What is drawn for them. */
  readonly transfers: number;
}

/** Sends what answers a piece, if anything does, and works it into the sender's share. Called once, piece after piece. */
export type Answer = (ch: Channel<"treeCorrections", never>) => Promise<void>;

export interface SenderEnd {
  /** Its share of the table without addends, when all pieces are done. */
  readonly table: RingArray;
  /** Bins x columns numbers, the mask of each bin: the sum of its leaves. */
  readonly sums: RingArray;
  /** Takes what a piece asks for. Errors: `count`, `check`. */
  take(ch: OtSenderChannel<never, "treeFlips">, piece: Part): Promise<Answer>;
}

/** Takes the answer to a piece, if there is one, and works it into the receiver's share. Called once, piece after piece. Errors: `count`. */
export type Take = (ch: Channel<never, "treeCorrections">) => Promise<void>;

export interface ReceiverEnd {
  /** Its share of the table without addends and corrections, when all pieces are done. */
  readonly table: RingArray;
  /** Asks for a piece. */
  ask(ch: OtReceiverChannel<"treeFlips", never>, piece: Part): Promise<Take>;
}
