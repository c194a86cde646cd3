// This side's own people beside the shares: what the rules of the release compare the matched ones with.
import type { ReceiverPeople, SenderPeople } from "@halfroom/prepare";
import type { Layout } from "./layout.ts";

/** The receiver's people in each row of the table; of a person with several entries each counts. */
export function receiverBases(
  { partitions }: ReceiverPeople,
  layout: Layout,
  orders: readonly Uint32Array[],
): Uint32Array {
  const bases = new Uint32Array(layout.cells);
  partitions.forEach(({ base }, partition) => {
    base.forEach((people, cell) => (bases[orders[partition]![cell]!] = people));
  });
  return bases;
}

/** The sender's people in each category, by place. */
export function senderBases({ base }: SenderPeople, order: Uint32Array): Uint32Array {
  const bases = new Uint32Array(order.length);
  base.forEach((people, category) => (bases[order[category]!] = people));
  return bases;
}
