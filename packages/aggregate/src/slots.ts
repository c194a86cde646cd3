// Leaves from one-hot slots, one slot for each bin: for each cell but the last a correlated transfer, and nothing that answers.
import { bitWords, FixedKeyAes, ringArray, type RingArray } from "@halfroom/crypto";
import { CellSlots } from "@halfroom/mpc";
import type { OtReceiver, OtReceiverChannel, OtSender, OtSenderChannel } from "@halfroom/mpc";
import { recvBulk, sendBulk } from "@halfroom/wire";
import type { Answer, Bins, ReceiverEnd, SenderEnd, Take } from "./ends.ts";
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

  async take(ch: OtSenderChannel<never, "treeFlips">, { start, bins }: Bins): Promise<Answer> {
    const { cells, columns } = this.#context;
    const transfers = bins * (cells - 1);
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

  async ask(ch: OtReceiverChannel<"treeFlips", never>, { start, bins }: Bins): Promise<Take> {
    const cells = this.#cells;
    const holes = this.#cellOf.subarray(start, start + bins);
    const { choices, rows } = await this.#supply.correlated(ch, bins * (cells - 1));
    await sendBulk(ch, "treeFlips", new Uint8Array(flipsFor(holes, choices, cells).buffer));
    return async () => this.#slots.addPunctured(rows, holes, { cells, first: start, table: this.table });
  }
}

/** Bits that turn the random choices into vectors which are 1 in the hole, the last place left out. */
function flipsFor(holes: Uint32Array, choices: Uint32Array, cells: number): Uint32Array {
  const flips = choices.slice();
  for (let slot = 0, first = 0; slot < holes.length; slot++, first += cells - 1) {
    const hole = holes[slot]!;
    const place = first + hole;
    if (hole < cells - 1) flips[place >>> 5]! ^= 1 << (place & 31);
  }
  const last = holes.length * (cells - 1);
  if ((last & 31) !== 0) flips[last >>> 5]! &= (1 << (last & 31)) - 1;
  return flips;
}

function slotsOf({ session, shard, partition }: GroupContext): CellSlots {
  return new CellSlots(
    new FixedKeyAes("aggregate/slots", session, partition, shard),
    new FixedKeyAes("aggregate/stretch", session, partition, shard),
  );
}
