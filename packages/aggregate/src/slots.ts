// Leaves from one-hot slots, one slot for each bin: for each cell but the last a correlated transfer, and nothing that answers.
import { bitWords, FixedKeyAes, ringArray, type RingArray } from "@halfroom/crypto";
import { CellSlots, slotFlips } from "@halfroom/mpc";
import type { OtReceiver, OtReceiverChannel, OtSender, OtSenderChannel } from "@halfroom/mpc";
import { recvBulk, sendBulk } from "@halfroom/wire";
import type { Answer, Part, ReceiverEnd, SenderEnd, Take } from "./ends.ts";
import type { GroupContext } from "./groupings.ts";

export class SenderSlots implements SenderEnd {
  readonly table: RingArray;
  readonly sums: RingArray;
  readonly #slots: CellSlots;
  readonly #supply: OtSender;
  readonly #context: GroupContext;

  constructor(context: GroupContext, supply: OtSender, bins: number) {
    const { cells, columns } = context;
    this.table = ringArray(cells * columns);
    this.sums = ringArray(bins * columns);
    this.#slots = slotsOf(context);
    this.#supply = supply;
    this.#context = context;
  }

  async take(ch: OtSenderChannel<never, "treeFlips">, { start, transfers }: Part): Promise<Answer> {
    const { cells, columns } = this.#context;
    const rows = await this.#supply.correlated(ch, transfers);
    const flips = new Uint32Array((await recvBulk(ch, "treeFlips", bitWords(transfers) * 4)).buffer);
    return async () => {
      const sums = this.#slots.takeOff(rows, flips, { cells, first: start, table: this.table });
      this.sums.set(sums, start * columns * 2);
    };
  }
}

export class ReceiverSlots implements ReceiverEnd {
  readonly table: RingArray;
  readonly #cellOf: Uint32Array;
  readonly #slots: CellSlots;
  readonly #supply: OtReceiver;
  readonly #cells: number;

  constructor(context: GroupContext, supply: OtReceiver, cellOf: Uint32Array) {
    const { cells, columns } = context;
    this.table = ringArray(cells * columns);
    this.#cellOf = cellOf;
    this.#slots = slotsOf(context);
    this.#supply = supply;
    this.#cells = cells;
  }

  async ask(ch: OtReceiverChannel<"treeFlips", never>, { start, count, transfers }: Part): Promise<Take> {
    const cells = this.#cells;
    const holes = this.#cellOf.subarray(start, start + count);
    const { choices, rows } = await this.#supply.correlated(ch, transfers);
    await sendBulk(ch, "treeFlips", new Uint8Array(slotFlips(holes, choices, cells).buffer));
    return async () => this.#slots.addPunctured(rows, holes, { cells, first: start, table: this.table });
  }
}

function slotsOf({ session, shard, partition }: GroupContext): CellSlots {
  return new CellSlots(
    new FixedKeyAes("aggregate/slots", session, partition, shard),
    new FixedKeyAes("aggregate/stretch", session, partition, shard),
  );
}
