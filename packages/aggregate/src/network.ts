// Masks and their sums from a network (protocol-spec.md, section 12.2), whose work does not grow with the cells: the sender's masks are random, and shares of them pass gates
// that the receiver turns so that each ends in the cell of its bin.
import { bitWords, FixedKeyAes, ringArray, type RingArray } from "@halfroom/crypto";
import { NetworkWires, routeNetwork, slotFlips } from "@halfroom/mpc";
import type { OtReceiver, OtReceiverChannel, OtSender, OtSenderChannel } from "@halfroom/mpc";
import { recvBulk, sendBulk } from "@halfroom/wire";
import type { Answer, Part, ReceiverEnd, SenderEnd, Take } from "./ends.ts";
import type { GroupContext } from "./groupings.ts";

export class SenderNetwork implements SenderEnd {
  readonly #wires: NetworkWires;
  readonly #supply: OtSender;
  #sums: RingArray = ringArray(0);

  constructor(context: GroupContext, supply: OtSender, bins: number) {
    this.#wires = wiresOf(context, bins);
    this.#supply = supply;
  }

  get table(): RingArray {
    return this.#wires.table;
  }

  get sums(): RingArray {
    return this.#sums;
  }

  async take(ch: OtSenderChannel<never, "treeFlips">, piece: Part): Promise<Answer> {
    const { step, start, transfers } = piece;
    const rows = await this.#supply.correlated(ch, transfers);
    const flips = new Uint32Array((await recvBulk(ch, "treeFlips", bitWords(transfers) * 4)).buffer);
    return async (to) => {
      if (step === 0 && start === 0) this.#sums = this.#wires.mask(rows.delta);
      const corrections = this.#wires.correct(piece, rows, flips);
      await sendBulk(to, "treeCorrections", new Uint8Array(corrections.buffer));
    };
  }
}

export class ReceiverNetwork implements ReceiverEnd {
  readonly #wires: NetworkWires;
  readonly #supply: OtReceiver;
  readonly #columns: number;
  /** What each gate of each step chooses. */
  readonly #choices: readonly Uint8Array[];

  constructor(context: GroupContext, supply: OtReceiver, cellOf: Uint32Array) {
    this.#wires = wiresOf(context, cellOf.length);
    this.#supply = supply;
    this.#columns = context.columns;
    this.#choices = routeNetwork(cellOf, context.cells);
  }

  get table(): RingArray {
    return this.#wires.table;
  }

  async ask(ch: OtReceiverChannel<"treeFlips", never>, piece: Part): Promise<Take> {
    const { step, start, count, transfers } = piece;
    const places = transfers / count + 1;
    const own = new Uint32Array(this.#choices[step]!.subarray(start, start + count));
    const { choices, rows } = await this.#supply.correlated(ch, transfers);
    await sendBulk(ch, "treeFlips", new Uint8Array(slotFlips(own, choices, places).buffer));
    return async (from) => {
      const corrections = await recvBulk(from, "treeCorrections", count * this.#columns * 8);
      this.#wires.follow(piece, rows, own, new Uint32Array(corrections.buffer));
    };
  }
}

function wiresOf({ session, shard, partition, cells, columns }: GroupContext, bins: number): NetworkWires {
  return new NetworkWires(
    { bins, cells, columns },
    new FixedKeyAes("aggregate/network", session, partition, shard),
    new FixedKeyAes("aggregate/stretch", session, partition, shard),
  );
}
