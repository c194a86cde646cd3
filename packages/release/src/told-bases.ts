// How many people the receiver has behind each row that opened, to the sender (protocol-spec.md, section 13.6): 8 bytes a row, little-endian,
// two's complement, since noise may take a number below 0.
import { ProtocolError, recvBulk, sendBulk, type Channel } from "@halfroom/wire";

const NUMBER_BYTES = 8;

/** The receiver. `bases`: one a row, noise included. */
export async function sendBases(ch: Channel<"bases", never>, bases: BigInt64Array): Promise<void> {
  const bytes = new DataView(new ArrayBuffer(bases.length * NUMBER_BYTES));
  bases.forEach((base, row) => bytes.setBigInt64(row * NUMBER_BYTES, base, true));
  await sendBulk(ch, "bases", new Uint8Array(bytes.buffer));
}

/** The sender: those of `rows` rows. Errors: `count`; `impossible` for one that is not from `low` to `high`. */
export async function recvBases(
  ch: Channel<never, "bases">,
  rows: number,
  { low, high }: { readonly low: bigint; readonly high: bigint },
): Promise<BigInt64Array> {
  const data = await recvBulk(ch, "bases", rows * NUMBER_BYTES);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const bases = BigInt64Array.from({ length: rows }, (_, row) => view.getBigInt64(row * NUMBER_BYTES, true));
  if (bases.some((base) => base < low || base > high))
    throw new ProtocolError(
      "impossible",
      "the partner names more people of a group than it can have, or fewer",
    );
  return bases;
}
