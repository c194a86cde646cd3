// A digest that tells whether prepared data is the same as in an earlier session. The order of rows does not matter.
import { createHash } from "node:crypto";
import { rowAt } from "@halfroom/crypto";
import { LACKING, type EncodedItems, type PreparedReceiver, type PreparedSender } from "@halfroom/prepare";

/** 32 bytes over people's items, measures and category labels. */
export function digestSender(data: PreparedSender): Uint8Array {
  const { measures, categories, categoryLabels, events } = data;
  return digestItems("sender", categories.length, (item) => [
    itemBytes(data, item),
    ...measures.map((values) => int64(values[item]!)),
    labelBytes(categoryLabels[categories[item]!]),
    ...(events?.times.map((times) => int64(BigInt(times[item]!))) ?? []),
    ...(events?.values.flat().map((values) => int64(values[item]!)) ?? []),
  ]);
}

/** 32 bytes over people's items and the labels of their cells. */
export function digestReceiver(data: PreparedReceiver): Uint8Array {
  const { partitions, times } = data;
  return digestItems("receiver", partitions[0]!.cells.length, (item) => [
    itemBytes(data, item),
    ...partitions.flatMap(({ cells, labels, entries = [cells] }) =>
      entries.map((slot) => labelBytes(labels[slot[item]!])),
    ),
    ...(times?.map((moments) => int64(BigInt(moments[item]!))) ?? []),
  ]);
}

/** Hash in pieces: one update takes at most 2 GiB. */
const HASH_BYTES = 1 << 28;

/** 32 bytes over the items of a whole dataset in their order, those outside of the report's filter included. */
export function digestEverybody({ identifiers, items }: EncodedItems): Uint8Array {
  const hash = createHash("sha256").update("halfroom/v1/data/everybody");
  for (const { buffer, byteOffset, byteLength } of [identifiers.offsets, identifiers.bytes, items ?? EMPTY]) {
    hash.update(int64(BigInt(byteLength)));
    for (let at = 0; at < byteLength; at += HASH_BYTES)
      hash.update(new Uint8Array(buffer, byteOffset + at, Math.min(HASH_BYTES, byteLength - at)));
  }
  return new Uint8Array(hash.digest());
}

const EMPTY = new Uint32Array(0);

/** Empty for an item that lacks a key. */
function itemBytes({ identifiers, items }: EncodedItems, item: number): Uint8Array {
  const row = items === undefined ? item : items[item]!;
  return row === LACKING ? new Uint8Array(0) : rowAt(identifiers, row);
}

/** A hash over the sorted hashes of so many items, those of the report. */
function digestItems(role: string, count: number, partsOf: (item: number) => Uint8Array[]): Uint8Array {
  const hashes: Buffer[] = [];
  for (let item = 0; item < count; item++) {
    const hash = createHash("sha256");
    for (const part of partsOf(item)) hash.update(int64(BigInt(part.length))).update(part);
    hashes.push(hash.digest());
  }
  hashes.sort(Buffer.compare);
  const all = createHash("sha256").update(`halfroom/v1/data/${role}`);
  for (const hash of hashes) all.update(hash);
  return new Uint8Array(all.digest());
}

function labelBytes(labels: readonly string[] | undefined): Uint8Array {
  return Buffer.from(JSON.stringify(labels ?? []));
}

function int64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}
