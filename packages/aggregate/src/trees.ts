// Leaves from GGM trees, one tree for each bin: for each level a transfer, and for each but the first a correction.
import { bitMask, bitWords, FixedKeyAes, ringArray, setBit, type RingArray } from "@halfroom/crypto";
import { branchOff, CellTrees, correctionWords, swapWhere, treePrg } from "@halfroom/mpc";
import type { OtReceiver, OtReceiverChannel, OtSender, OtSenderChannel } from "@halfroom/mpc";
import { recvBulk, sendBulk } from "@halfroom/wire";
import type { Answer, Part, ReceiverEnd, SenderEnd, Take } from "./ends.ts";
import { purposeOf, type GroupContext } from "./groupings.ts";

export class SenderTrees implements SenderEnd {
  readonly table: RingArray;
  readonly sums: RingArray;
  readonly #trees: CellTrees;
  readonly #supply: OtSender;
  readonly #columns: number;
  readonly #depth: number;

  constructor(context: GroupContext, supply: OtSender, bins: number) {
    const { cells, columns } = context;
    this.table = ringArray(cells * columns);
    this.sums = ringArray(bins * columns);
    this.#trees = treesOf(context);
    this.#supply = supply;
    this.#columns = columns;
    this.#depth = Math.log2(cells);
  }

  async take(ch: OtSenderChannel<never, "treeFlips">, { start, transfers }: Part): Promise<Answer> {
    const depth = this.#depth;
    const { zero, one } = await this.#supply.blocks(ch, transfers);
    const flips = new Uint32Array((await recvBulk(ch, "treeFlips", bitWords(transfers) * 4)).buffer);
    swapWhere(zero, one, flips);
    return async (to) => {
      const { corrections, sums } = this.#trees.takeOff(zero, one, depth, this.table);
      await sendBulk(to, "treeCorrections", new Uint8Array(corrections.buffer));
      this.sums.set(sums, start * this.#columns * 2);
    };
  }
}

export class ReceiverTrees implements ReceiverEnd {
  readonly table: RingArray;
  readonly #cellOf: Uint32Array;
  readonly #trees: CellTrees;
  readonly #supply: OtReceiver;
  readonly #depth: number;

  constructor(context: GroupContext, supply: OtReceiver, cellOf: Uint32Array) {
    const { cells, columns } = context;
    this.table = ringArray(cells * columns);
    this.#cellOf = cellOf;
    this.#trees = treesOf(context);
    this.#supply = supply;
    this.#depth = Math.log2(cells);
  }

  async ask(ch: OtReceiverChannel<"treeFlips", never>, { start, count, transfers }: Part): Promise<Take> {
    const depth = this.#depth;
    const holes = this.#cellOf.subarray(start, start + count);
    const { choices, chosen } = await this.#supply.blocks(ch, transfers);
    await sendBulk(ch, "treeFlips", new Uint8Array(flipsFor(holes, choices, depth).buffer));
    return async (from) => {
      const corrections = await recvBulk(from, "treeCorrections", correctionWords(count, depth) * 4);
      this.#trees.addPunctured(chosen, new Uint32Array(corrections.buffer), holes, depth, this.table);
    };
  }
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

function treesOf({ session, shard, partition }: GroupContext): CellTrees {
  return new CellTrees(
    treePrg(session, `${purposeOf(partition)}/${shard}`),
    new FixedKeyAes("aggregate/stretch", session, partition, shard),
  );
}
