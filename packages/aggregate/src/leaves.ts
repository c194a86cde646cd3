// The leaves of the group-by (design 2.4), one for each bin and cell: nearly all of its work and of its bytes, none of which depends on what
// matched. So they move while the match is under way. A grouping's leaves come from trees or from slots, or a network gives what they add up to
// (groupings.ts).
//
//     sender                                              receiver
//                                                    <-   otCorrections, treeFlips of as many pieces as are asked for ahead
//                                                    <-   those of the rest, while answers come
//     treeCorrections of trees and networks          ->
import { ringArray, type RingArray } from "@halfroom/crypto";
import type { OtReceiverChannel, OtSenderChannel, OtSource } from "@halfroom/mpc";
import type { Channel } from "@halfroom/wire";
import type { Answer, ReceiverEnd, SenderEnd, Take } from "./ends.ts";
import {
  AHEAD_BYTES,
  piecesAhead,
  piecesOf,
  receivingSupply,
  sendingSupply,
  unansweredBytes,
  type GroupContext,
  type Piece,
} from "./groupings.ts";
import { ReceiverNetwork, SenderNetwork } from "./network.ts";
import { ReceiverSlots, SenderSlots } from "./slots.ts";
import { ReceiverTrees, SenderTrees } from "./trees.ts";

const SENDER_ENDS = { trees: SenderTrees, slots: SenderSlots, network: SenderNetwork } as const;
const RECEIVER_ENDS = { trees: ReceiverTrees, slots: ReceiverSlots, network: ReceiverNetwork } as const;

/** The sender's leaves of a grouping. */
export interface SenderLeaves {
  /** Its share of the table without addends: with leaves, minus leaf g of every bin in cell g. */
  readonly table: RingArray;
  /** Bins x columns numbers, the mask of each bin, the sum of its leaves; undefined for a single cell, which takes none. */
  readonly sums: RingArray | undefined;
}

/** The receiver's leaves of a grouping. */
export interface ReceiverLeaves {
  /** The cell of each bin. */
  readonly cellOf: Uint32Array;
  /** Its share of the table without addends and corrections: with leaves, leaf g of every bin in cell g, minus their sum in the cell of the bin. */
  readonly table: RingArray;
  readonly context: GroupContext;
}

/** A grouping at the receiver: `cellOf` is the cell of each bin. */
export type ReceiverGrouping = Pick<ReceiverLeaves, "cellOf" | "context">;

/** The sender takes what the receiver asks for, and answers. */
export class LeafAnswers {
  readonly #groupings: readonly { readonly context: GroupContext; readonly end: SenderEnd | undefined }[];
  readonly #pieces;
  readonly #taken: Answer[] = [];
  #answered = 0;

  constructor(bins: number, groupings: readonly GroupContext[], transfers: OtSource) {
    const endOf = (context: GroupContext): SenderEnd | undefined => {
      if (context.cells === 1) return undefined;
      const End = SENDER_ENDS[context.leaves];
      return new End(context, sendingSupply(transfers, context), bins);
    };
    this.#groupings = groupings.map((context) => ({ context, end: endOf(context) }));
    this.#pieces = piecesOf(bins, this.#groupings);
  }

  /** Takes what is asked for before anything is answered. Errors: `count`, `check`. */
  async takeAhead(ch: OtSenderChannel<never, "treeFlips">): Promise<void> {
    const ahead = piecesAhead(this.#pieces);
    while (this.#taken.length < ahead) await this.#take(ch, this.#taken.length);
  }

  /** Answers what was taken. */
  async answerAhead(ch: Channel<"treeCorrections", never>): Promise<void> {
    while (this.#taken.length > 0) await this.#answer(ch);
  }

  /** Takes and answers the rest. Returns the leaves of each grouping. Errors: `count`, `check`. */
  async answerRest(ch: OtSenderChannel<"treeCorrections", "treeFlips">): Promise<readonly SenderLeaves[]> {
    while (this.#answered < this.#pieces.length) {
      await this.#take(ch, this.#answered);
      await this.#answer(ch);
    }
    // Without the ends, which hold the transfers of all bins.
    return this.#groupings.map(({ context: { columns }, end }) => ({
      table: end?.table ?? ringArray(columns),
      sums: end?.sums,
    }));
  }

  async #answer(ch: Channel<"treeCorrections", never>): Promise<void> {
    this.#answered++;
    await this.#taken.shift()!(ch);
  }

  async #take(ch: OtSenderChannel<never, "treeFlips">, i: number): Promise<void> {
    const piece = this.#pieces[i]!;
    this.#taken.push(await piece.of.end!.take(ch, piece));
  }
}

/** The receiver asks for the leaves of its groupings, and takes the answers meanwhile. */
export class LeafAsks {
  readonly #groupings: readonly (ReceiverGrouping & { readonly end: ReceiverEnd | undefined })[];
  readonly #pieces;
  /** Of the pieces that were asked for and not taken. */
  readonly #takes: Take[] = [];
  #asked = 0;
  #aheadBytes = 0;
  /** Wakes whoever waits: one for room, the other for the next piece. */
  #wake: (() => void)[] = [];

  constructor(groupings: readonly ReceiverGrouping[], transfers: OtSource) {
    const endOf = ({ cellOf, context }: ReceiverGrouping): ReceiverEnd | undefined => {
      if (context.cells === 1) return undefined;
      const End = RECEIVER_ENDS[context.leaves];
      return new End(context, receivingSupply(transfers, context), cellOf);
    };
    this.#groupings = groupings.map((grouping) => ({ ...grouping, end: endOf(grouping) }));
    this.#pieces = piecesOf(groupings[0]?.cellOf.length ?? 0, this.#groupings);
  }

  /** Asks for as much as may be asked for before anything is answered. */
  async askAhead(ch: OtReceiverChannel<"treeFlips", never>): Promise<void> {
    const ahead = piecesAhead(this.#pieces);
    while (this.#asked < ahead) await this.#ask(ch);
  }

  /** Asks for the rest, while `take` has answers. */
  async askRest(ch: OtReceiverChannel<"treeFlips", never>): Promise<void> {
    while (this.#asked < this.#pieces.length) {
      while (this.#aheadBytes > AHEAD_BYTES) await this.#woken();
      await this.#ask(ch);
    }
  }

  /** Takes the answers, once: the leaves of each grouping. Waits for ever once asking has failed. Errors: `count`. */
  async take(ch: Channel<never, "treeCorrections">): Promise<readonly ReceiverLeaves[]> {
    for (const piece of this.#pieces) {
      const take = await this.#nextTake(piece);
      await take(ch);
    }
    // Without the ends, which hold the transfers of all bins.
    return this.#groupings.map(({ cellOf, context, end }) => ({
      cellOf,
      context,
      table: end?.table ?? ringArray(context.columns),
    }));
  }

  async #ask(ch: OtReceiverChannel<"treeFlips", never>): Promise<void> {
    const piece = this.#pieces[this.#asked++]!;
    this.#takes.push(await piece.of.end!.ask(ch, piece));
    this.#aheadBytes += unansweredBytes(piece);
    this.#moved();
  }

  async #nextTake(piece: Piece): Promise<Take> {
    while (this.#takes.length === 0) await this.#woken();
    this.#aheadBytes -= unansweredBytes(piece);
    this.#moved();
    return this.#takes.shift()!;
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #moved(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
