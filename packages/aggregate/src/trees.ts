// The trees of the group-by (design 2.4), one for each bin and grouping: all of their work and nearly all of their bytes, none of which
// depends on what matched. So they move while the match is under way.
//
//     sender                                              receiver
//                                                    <-   otCorrections, treeFlips of as many pieces as are asked for ahead
//                                                    <-   those of the rest, while answers come
//     treeCorrections, piece after piece             ->
import {
  bitMask,
  bitWords,
  BLOCK_WORDS,
  FixedKeyAes,
  ringArray,
  setBit,
  type RingArray,
} from "@halfroom/crypto";
import { branchOff, CellTrees, correctionWords, swapWhere, treePrg } from "@halfroom/mpc";
import type { OtReceiverChannel, OtSenderChannel, OtSource } from "@halfroom/mpc";
import { recvBulk, sendBulk, type Channel } from "@halfroom/wire";

export interface GroupContext {
  readonly session: Uint8Array;
  readonly shard: number;
  /** Number of the partition: each has transfers and trees of its own. */
  readonly partition: number;
  /** A power of two. */
  readonly cells: number;
  /** Numbers per bin: people and measures. */
  readonly columns: number;
}

/** The sender's trees of a grouping. */
export interface SenderTrees {
  /** Its share of the table without addends: minus leaf g of every tree in cell g. */
  readonly table: RingArray;
  /** Bins x columns numbers, the sum of the leaves of each tree; undefined for a single cell, which takes no trees. */
  readonly sums: RingArray | undefined;
}

/** The receiver's trees of a grouping. */
export interface ReceiverTrees {
  /** The cell of each bin. */
  readonly cellOf: Uint32Array;
  /** Its share of the table without addends and corrections: leaf g of every tree in cell g, minus their sum in the cell of the bin. */
  readonly table: RingArray;
  readonly context: GroupContext;
}

/** A grouping at the receiver: `cellOf` is the cell of each bin. */
export type ReceiverGrouping = Pick<ReceiverTrees, "cellOf" | "context">;

/** Leaves of the trees that are worked on at a time: 2 MiB of them. */
const LEAVES = 1 << 17;
/**
 * Chosen strings of trees that were asked for and not answered, at most: a long line is filled by what is asked ahead. So many are asked
 * for, and taken, before anything is answered.
 */
const AHEAD_BYTES = 1 << 23;

/** A grouping at one side. */
interface Grouping {
  readonly context: GroupContext;
}

/** Some trees of a grouping, which are worked on together. */
interface Piece<G extends Grouping> {
  readonly of: G;
  readonly start: number;
  readonly trees: number;
  readonly depth: number;
}

/** The pieces of all groupings in order; a single cell takes no trees. */
function piecesOf<G extends Grouping>(bins: number, groupings: readonly G[]): readonly Piece<G>[] {
  return groupings.flatMap((of) => {
    const { cells } = of.context;
    const depth = Math.log2(cells);
    if (depth === 0) return [];
    const most = Math.max(32, Math.floor(LEAVES / cells / 32) * 32);
    return Array.from({ length: Math.ceil(bins / most) }, (_, i) => {
      const start = i * most;
      return { of, start, trees: Math.min(most, bins - start), depth };
    });
  });
}

/** How many pieces are asked for, and taken, before anything is answered. */
function piecesAhead(pieces: readonly Piece<Grouping>[]): number {
  let count = 0;
  for (let bytes = 0; count < pieces.length && bytes <= AHEAD_BYTES; count++)
    bytes += chosenBytes(pieces[count]!);
  return count;
}

function chosenBytes({ trees, depth }: Piece<Grouping>): number {
  return trees * depth * BLOCK_WORDS * 4;
}

/** The sender takes what the receiver asks for, and answers. */
export class TreeAnswers {
  readonly #groupings;
  readonly #pieces;
  /** Both strings of each transfer of a piece, swapped as the receiver asks. */
  readonly #taken: { readonly zero: Uint32Array; readonly one: Uint32Array }[] = [];
  #answered = 0;

  constructor(bins: number, groupings: readonly GroupContext[], transfers: OtSource) {
    this.#groupings = groupings.map((context) => {
      const { cells, columns, shard } = context;
      const tools = treeTools(context);
      return {
        context,
        tools,
        supply: transfers.sending(tools.purpose, shard),
        table: ringArray(cells * columns),
        sums: cells === 1 ? undefined : ringArray(bins * columns),
      };
    });
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

  /** Takes and answers the rest. Returns the trees of each grouping. Errors: `count`, `check`. */
  async answerRest(ch: OtSenderChannel<"treeCorrections", "treeFlips">): Promise<readonly SenderTrees[]> {
    while (this.#answered < this.#pieces.length) {
      await this.#take(ch, this.#answered);
      await this.#answer(ch);
    }
    return this.#groupings;
  }

  async #answer(ch: Channel<"treeCorrections", never>): Promise<void> {
    const { of, start, depth } = this.#pieces[this.#answered++]!;
    const { zero, one } = this.#taken.shift()!;
    const { tools, table, sums, context } = of;
    const taken = tools.cellTrees.takeOff(zero, one, depth, table);
    await sendBulk(ch, "treeCorrections", new Uint8Array(taken.corrections.buffer));
    sums!.set(taken.sums, start * context.columns * 2);
  }

  async #take(ch: OtSenderChannel<never, "treeFlips">, i: number): Promise<void> {
    const { of, trees, depth } = this.#pieces[i]!;
    const { zero, one } = await of.supply.blocks(ch, trees * depth);
    const flips = new Uint32Array((await recvBulk(ch, "treeFlips", bitWords(trees * depth) * 4)).buffer);
    swapWhere(zero, one, flips);
    this.#taken.push({ zero, one });
  }
}

/** The receiver asks for the trees of its groupings, and takes the answers meanwhile. */
export class TreeAsks {
  readonly #groupings;
  readonly #pieces;
  /** Chosen strings of the pieces that were not answered. */
  readonly #chosen: Uint32Array[] = [];
  #asked = 0;
  #aheadBytes = 0;
  /** Wakes whoever waits: one for room, the other for the next piece. */
  #wake: (() => void)[] = [];

  constructor(groupings: readonly ReceiverGrouping[], transfers: OtSource) {
    this.#groupings = groupings.map(({ cellOf, context }) => {
      const { cells, columns, shard } = context;
      const tools = treeTools(context);
      const supply = transfers.receiving(tools.purpose, shard);
      return { cellOf, context, tools, supply, table: ringArray(cells * columns) };
    });
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

  /** Takes the answers, once: the trees of each grouping. Waits for ever once asking has failed. Errors: `count`. */
  async take(ch: Channel<never, "treeCorrections">): Promise<readonly ReceiverTrees[]> {
    for (const piece of this.#pieces) {
      const { trees, depth } = piece;
      const { tools, table } = piece.of;
      const chosen = await this.#nextChosen(piece);
      const corrections = await recvBulk(ch, "treeCorrections", correctionWords(trees, depth) * 4);
      tools.cellTrees.addPunctured(chosen, new Uint32Array(corrections.buffer), holesOf(piece), depth, table);
    }
    return this.#groupings;
  }

  async #ask(ch: OtReceiverChannel<"treeFlips", never>): Promise<void> {
    const piece = this.#pieces[this.#asked++]!;
    const { choices, chosen } = await piece.of.supply.blocks(ch, piece.trees * piece.depth);
    await sendBulk(ch, "treeFlips", new Uint8Array(flipsFor(holesOf(piece), choices, piece.depth).buffer));
    this.#chosen.push(chosen);
    this.#aheadBytes += chosenBytes(piece);
    this.#moved();
  }

  async #nextChosen(piece: Piece<Grouping>): Promise<Uint32Array> {
    while (this.#chosen.length === 0) await this.#woken();
    this.#aheadBytes -= chosenBytes(piece);
    this.#moved();
    return this.#chosen.shift()!;
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #moved(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

function holesOf({ of: { cellOf }, start, trees }: Piece<ReceiverGrouping>): Uint32Array {
  return cellOf.subarray(start, start + trees);
}

/** Bits that turn the random choices into the branches which leave the path to each hole. */
function flipsFor(holes: Uint32Array, choices: Uint32Array, depth: number): Uint32Array {
  const flips = new Uint32Array(bitWords(holes.length * depth));
  for (let tree = 0, i = 0; tree < holes.length; tree++) {
    for (let level = 0; level < depth; level++, i++) {
      setBit(flips, i, branchOff(holes[tree]!, depth, level) ^ (bitMask(choices, i) & 1));
    }
  }
  return flips;
}

function treeTools({ session, shard, partition }: GroupContext) {
  const purpose = `aggregate/${partition}`;
  return {
    purpose,
    cellTrees: new CellTrees(
      treePrg(session, `${purpose}/${shard}`),
      new FixedKeyAes("aggregate/stretch", session, partition, shard),
    ),
  };
}
