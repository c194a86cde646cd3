// Group-by on shares (design 2.4). The receiver knows the cell g_j of each bin; the sender must not. The receiver adds its
// addend to cell g_j locally. The sender's addend u_j goes through a leaf per cell, of which the receiver
// knows all but leaf g_j: one correction u_j + (sum of leaves) per column gives both sides shares of u_j times the unit
// vector of g_j, in the manner of Boyle et al. (eprint 2019/1159). Both have their leaves before they have addends (leaves.ts).
import { addAt, addInto, type RingArray } from "@halfroom/crypto";
import { recvBulk, sendBulk, type Channel } from "@halfroom/wire";
import type { ReceiverLeaves, SenderLeaves } from "./leaves.ts";

/** `addends`: bins x columns numbers. Returns the sender's share of the table: cells x columns numbers. Takes the leaves up. */
export async function groupSender(
  ch: Channel<"leafCorrections", never>,
  addends: RingArray,
  { table, sums }: SenderLeaves,
): Promise<RingArray> {
  if (sums === undefined) {
    for (let at = 0; at < addends.length; at += table.length)
      addInto(table, addends.subarray(at, at + table.length));
    return table;
  }
  addInto(sums, addends);
  await sendBulk(ch, "leafCorrections", new Uint8Array(sums.buffer));
  return table;
}

/** `addends`: bins x columns numbers. Returns the receiver's share of the table. Takes the leaves up. Errors: `count`. */
export async function groupReceiver(
  ch: Channel<never, "leafCorrections">,
  addends: RingArray,
  { cellOf, table, context: { cells, columns } }: ReceiverLeaves,
): Promise<RingArray> {
  addToCells(table, addends, cellOf, columns);
  if (cells === 1) return table;
  const corrections = await recvBulk(ch, "leafCorrections", cellOf.length * columns * 8);
  addToCells(table, new Uint32Array(corrections.buffer), cellOf, columns);
  return table;
}

/** Adds the numbers of each bin to its cell. */
function addToCells(table: RingArray, numbers: RingArray, cellOf: Uint32Array, columns: number): void {
  for (let bin = 0, from = 0; bin < cellOf.length; bin++) {
    const to = cellOf[bin]! * columns * 2;
    for (let c = 0; c < columns * 2; c += 2, from += 2) addAt(table, to + c, numbers, from);
  }
}
