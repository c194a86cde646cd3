// The opening of which the sender learns nothing (protocol-spec.md, section 13.5): not even which numbers pass. Each number is
// multiplied by its pass bit on shares, and all of them open to the receiver, closed ones as zero, together with the pass bits.
//
//     both sides
//     each number times its bit                 <- productFlips, productCorrections ->
//     sender to receiver: the bits              transcript, passCommitment, passOpening ->
//     sender to receiver: the products          transcript, cellCommitment, cellOpeningNonce, cellOpening ->
//
// The sender may alter both, so the receiver's only use of them is its report: it neither checks one against the other nor
// aborts on what they say, which would tell the sender what passed.
import { bitWords, FixedKeyAes, getBit, setBit } from "@halfroom/crypto";
import { sharedProduct, type OtEnds, type Role } from "@halfroom/mpc";
import { openNumbers, publish, type Rounds } from "./rounds.ts";
import type { TableLayout } from "./table/layout.ts";
import type { OwnNumbers } from "./table/tests.ts";
import type { OpenedNumbers, ReleaseRules, TableShape } from "./table/table.ts";
import { openedNumbers } from "./table/verdict.ts";
import { openedWidths } from "./table/widths.ts";

interface BlindTable extends Rounds {
  readonly shape: TableShape;
  readonly rules: ReleaseRules;
  readonly layout: TableLayout;
  readonly own: OwnNumbers;
  readonly products: () => OtEnds;
}

/**
 * `passing`: this side's xor shares of all published bits. At the sender nothing is opened and all bits are 0.
 * Errors: `transcript`, `agreement`, `commitment`, `count`, `malformed`, those of transfers.
 */
export async function openBlind(
  table: BlindTable,
  passing: Uint32Array,
): Promise<{ readonly bits: Uint8Array; readonly table: OpenedNumbers }> {
  const { ch, role, session, shape, rules, layout, own, schedule } = table;
  const columns = shape.columns.length;
  const pairs = pairBits(layout, passing);
  schedule.multiply(pairs.count, columns);
  const stretch = stretches(session);
  const products = await sharedProduct(ch, role, table.products(), stretch, pairs.bits, own.numbers, columns);
  const bits = await publish(table, "pass", passing, layout.bits, "receiver");
  const everyNumber = new Uint8Array(pairs.count * columns).fill(1);
  const widths = openedWidths(shape, rules, everyNumber, new Uint8Array(0));
  const values = await openNumbers(table, new Uint32Array(products), widths, "receiver");
  if (bits === undefined || values === undefined)
    return {
      bits: new Uint8Array(layout.bits),
      table: { opened: new Uint8Array(everyNumber.length), values: undefined },
    };
  const opened = openedNumbers(layout, shape, rules, bits);
  return { bits, table: { opened, values: values.map((value, i) => (opened[i] === 1 ? value : 0n)) } };
}

/** Of all published bits those of the pairs, row after row: one for each row, as there is one category. */
function pairBits({ partitions }: TableLayout, passing: Uint32Array): { bits: Uint32Array; count: number } {
  const count = partitions.reduce((sum, part) => sum + part.pairs, 0);
  const bits = new Uint32Array(bitWords(count));
  let row = 0;
  for (const part of partitions)
    for (let pair = 0; pair < part.pairs; pair++)
      setBit(bits, row++, getBit(passing, part.bits.people + pair));
  return { bits, count };
}

/** One for either side's numbers. */
function stretches(session: Uint8Array): Record<Role, FixedKeyAes> {
  const stretch = (role: Role) => new FixedKeyAes("release/stretch", session, role);
  return { sender: stretch("sender"), receiver: stretch("receiver") };
}
