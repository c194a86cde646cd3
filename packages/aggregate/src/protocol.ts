// Group-by on shares (design 2.4). The receiver knows the cell g_j of each bin; the sender must not. The receiver adds its
// addend to cell g_j locally. The sender's addend u_j goes through a GGM tree with a leaf per cell, of which the receiver
// knows all but leaf g_j: one correction u_j + (sum of leaves) per column gives both sides shares of u_j times the unit
// vector of g_j, in the manner of Boyle et al. (eprint 2019/1159).
import {
  addAt,
  arrayKernels,
  bitMask,
  bitWords,
  FixedKeyAes,
  ringArray,
  setBit,
  type RingArray,
} from "@halfroom/crypto";
import { swapWhere, treePrg, growTrees, growPunctured, correctionWords, branchOff } from "@halfroom/mpc";
import type { OtReceiverChannel, OtSenderChannel, OtSource } from "@halfroom/mpc";
import { detached, recvBulk, sendBulk } from "@halfroom/wire";

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

/** Leaves of the trees that are worked on at a time: 2 MiB of them. */
const LEAVES = 1 << 17;

/** `addends`: bins x columns numbers. Returns the sender's share of the table: cells x columns numbers. */
export async function groupSender(
  ch: OtSenderChannel<"treeCorrections" | "leafCorrections", "treeFlips">,
  addends: RingArray,
  context: GroupContext,
  transfers: OtSource,
): Promise<RingArray> {
  const { cells, columns } = context;
  const table = ringArray(cells * columns);
  const depth = Math.log2(cells);
  const bins = addends.length / (columns * 2);
  if (depth === 0) {
    for (let bin = 0; bin < bins; bin++) addRow(table, 0, addends, bin, columns);
    return table;
  }
  const tools = groupTools(context);
  const supply = transfers.sending(tools.purpose, context.shard);
  const piece = pieceBins(cells);
  for (let start = 0; start < bins; start += piece) {
    const trees = Math.min(piece, bins - start);
    const { zero, one } = await supply.blocks(ch, trees * depth);
    const flips = new Uint32Array((await recvBulk(ch, "treeFlips", bitWords(trees * depth) * 4)).buffer);
    swapWhere(zero, one, flips);
    const { leaves, corrections } = growTrees(tools.prg, zero, one, trees, depth);
    await sendBulk(ch, "treeCorrections", new Uint8Array(corrections.buffer));
    const words = tools.stretch.columnWords(leaves, columns);
    const u = addends.subarray(start * columns * 2, (start + trees) * columns * 2);
    const leafCorrections = arrayKernels.sumLeaves(words, u, columns, table);
    await sendBulk(ch, "leafCorrections", new Uint8Array(leafCorrections.buffer));
  }
  return table;
}

/** A grouping at the receiver: `cellOf` is the cell of each bin. */
export interface ReceiverGrouping {
  readonly cellOf: Uint32Array;
  readonly context: GroupContext;
}

/** Chosen strings of trees that were asked for and not answered, at most: a long line is filled by what is asked ahead. */
const AHEAD_BYTES = 1 << 23;

interface Asked {
  readonly holes: Uint32Array;
  readonly chosen: Uint32Array;
}

/** The receiver asks for the trees of its groupings, one after the other, while those asked for before are answered. */
export class GroupAsks {
  readonly #asked: Asked[] = [];
  #aheadBytes = 0;
  #done = false;
  /** Wakes whoever waits for room, or for the next piece. */
  #wake = () => {};
  /** Settles once all are asked for. */
  readonly #asking: Promise<void>;

  /** Starts at once; nothing else is sent over `ch` until the last piece was taken. */
  constructor(
    ch: OtReceiverChannel<"treeFlips", never>,
    groupings: readonly ReceiverGrouping[],
    transfers: OtSource,
  ) {
    this.#asking = this.#askAll(ch, groupings, transfers);
    // Whoever takes the next piece is told.
    detached(
      () => this.#asking,
      () => this.#wake(),
    );
  }

  /** The next piece in order. Rejects as the asking does. */
  async next(): Promise<Asked> {
    while (this.#asked.length === 0) {
      if (this.#done) throw new RangeError("no trees are left that were asked for");
      await Promise.race([this.#asking, this.#woken()]);
    }
    const next = this.#asked.shift()!;
    this.#aheadBytes -= next.chosen.byteLength;
    this.#wake();
    return next;
  }

  async #askAll(
    ch: OtReceiverChannel<"treeFlips", never>,
    groupings: readonly ReceiverGrouping[],
    transfers: OtSource,
  ): Promise<void> {
    for (const { cellOf, context } of groupings) {
      const { cells, shard } = context;
      const depth = Math.log2(cells);
      if (depth === 0) continue;
      const tools = groupTools(context);
      const supply = transfers.receiving(tools.purpose, shard);
      const piece = pieceBins(cells);
      for (let start = 0; start < cellOf.length; start += piece) {
        while (this.#aheadBytes > AHEAD_BYTES) await this.#woken();
        const holes = cellOf.subarray(start, start + piece);
        const { choices, chosen } = await supply.blocks(ch, holes.length * depth);
        await sendBulk(ch, "treeFlips", new Uint8Array(flipsFor(holes, choices, depth).buffer));
        this.#asked.push({ holes, chosen });
        this.#aheadBytes += chosen.byteLength;
        this.#wake();
      }
    }
    this.#done = true;
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}

/**
 * `addends`: bins x columns numbers; `cellOf`: the cell of each bin. Returns the receiver's share of the table. `asks`: those of this
 * grouping, or of several of which this is the next.
 */
export async function groupReceiver(
  ch: OtReceiverChannel<"treeFlips", "treeCorrections" | "leafCorrections">,
  addends: RingArray,
  cellOf: Uint32Array,
  context: GroupContext,
  transfers: OtSource,
  asks = new GroupAsks(ch, [{ cellOf, context }], transfers),
): Promise<RingArray> {
  const { cells, columns } = context;
  const table = ringArray(cells * columns);
  const bins = cellOf.length;
  for (let bin = 0; bin < bins; bin++) addRow(table, cellOf[bin]!, addends, bin, columns);
  const depth = Math.log2(cells);
  if (depth === 0) return table;
  const tools = groupTools(context);
  for (let start = 0; start < bins; start += pieceBins(cells)) {
    const { holes, chosen } = await asks.next();
    const trees = holes.length;
    const corrections = await recvBulk(ch, "treeCorrections", correctionWords(trees, depth) * 4);
    const leaves = growPunctured(tools.prg, chosen, new Uint32Array(corrections.buffer), holes, trees, depth);
    const words = tools.stretch.columnWords(leaves, columns);
    const leafCorrections = new Uint32Array(
      (await recvBulk(ch, "leafCorrections", trees * columns * 8)).buffer,
    );
    arrayKernels.addPuncturedLeaves(words, holes, leafCorrections, columns, table);
  }
  return table;
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

function groupTools({ session, shard, partition }: GroupContext) {
  const purpose = `aggregate/${partition}`;
  return {
    purpose,
    prg: treePrg(session, `${purpose}/${shard}`),
    stretch: new FixedKeyAes("aggregate/stretch", session, partition, shard),
  };
}

/** Trees per piece, a multiple of 32, at most as many as keep `LEAVES` leaves in memory. */
function pieceBins(cells: number): number {
  return Math.max(32, Math.floor(LEAVES / cells / 32) * 32);
}

function addRow(table: RingArray, cell: number, addends: RingArray, bin: number, columns: number): void {
  for (let c = 0; c < columns; c++) addAt(table, (cell * columns + c) * 2, addends, (bin * columns + c) * 2);
}
