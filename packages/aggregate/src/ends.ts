// What trees and slots do for a piece of bins, at either side. Both leave the leaves' numbers in a table: the sender has taken all of them
// off its share, the receiver added all but those in the holes.
import type { RingArray } from "@halfroom/crypto";
import type { OtReceiverChannel, OtSenderChannel } from "@halfroom/mpc";
import type { Channel } from "@halfroom/wire";

/** Bins from number `start` on. */
export interface Bins {
  readonly start: number;
  readonly bins: number;
}

/** Sends what answers a piece, if anything does, and takes the leaves off the sender's share. Called once. */
export type Answer = (ch: Channel<"treeCorrections", never>) => Promise<void>;

export interface SenderEnd {
  /** Its share of the table without addends: minus leaf g of every bin in cell g. */
  readonly table: RingArray;
  /** Bins x columns numbers, the sum of the leaves of each bin. */
  readonly sums: RingArray;
  /** Takes what a piece asks for. Errors: `count`, `check`. */
  take(ch: OtSenderChannel<never, "treeFlips">, piece: Bins): Promise<Answer>;
}

/** Takes the answer to a piece, if there is one, and adds the leaves to the receiver's share. Called once. Errors: `count`. */
export type Take = (ch: Channel<never, "treeCorrections">) => Promise<void>;

export interface ReceiverEnd {
  /** Its share of the table without addends and corrections: leaf g of every bin in cell g, minus their sum in the cell of the bin. */
  readonly table: RingArray;
  /** Asks for a piece. */
  ask(ch: OtReceiverChannel<"treeFlips", never>, piece: Bins): Promise<Take>;
}
