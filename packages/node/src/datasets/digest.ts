// A digest that tells whether prepared data is the same as in an earlier session. The order of rows does not matter.
import { createHash } from "node:crypto";
import { piecesOf, piecesOfColumns, rowAt, type RecordStore } from "@halfroom/crypto";
import { LACKING, type EncodedItems, type PreparedReceiver, type PreparedSender } from "@halfroom/prepare";

/** Items hashed at a time. */
const PIECE = 8192;
/** Of SHA-256. */
const HASH_WORDS = 8;
/** Hashes are sorted with those that begin with the same bits. */
const PARTS = 1024;
const PART_SHIFT = 6;

/** 32 bytes over people's items, measures and category labels. `records` holds what is sorted meanwhile. */
export async function digestSender(data: PreparedSender, records: RecordStore): Promise<Uint8Array> {
  const { measures, categories, categoryLabels, events } = data;
  const longs = [...measures, ...(events?.values.flat() ?? [])];
  const shorts = [categories, ...(events?.times ?? [])];
  return await digestItems("sender", data, categories.length, records, async (start, end) => {
    const numbers = await Promise.all(longs.map((column) => column.read(start, end)));
    const [ofCategory, ...times] = await Promise.all(shorts.map((column) => column.read(start, end)));
    const [sums, values] = [numbers.slice(0, measures.length), numbers.slice(measures.length)];
    return (i) => [
      ...sums.map((column) => int64(column[i]!)),
      labelBytes(categoryLabels[ofCategory![i]!]),
      ...times.map((moments) => int64(BigInt(moments[i]!))),
      ...values.map((column) => int64(column[i]!)),
    ];
  });
}

/** 32 bytes over people's items and the labels of their cells. */
export async function digestReceiver(data: PreparedReceiver, records: RecordStore): Promise<Uint8Array> {
  const { partitions, times } = data;
  const slots = partitions.flatMap(({ cells, labels, entries = [cells] }) =>
    entries.map((slot) => ({ slot, labels })),
  );
  return await digestItems("receiver", data, partitions[0]!.cells.length, records, async (start, end) => {
    const cells = await Promise.all(slots.map(({ slot }) => slot.read(start, end)));
    const moments = await Promise.all((times ?? []).map((column) => column.read(start, end)));
    return (i) => [
      ...slots.map(({ labels }, s) => labelBytes(labels[cells[s]![i]!])),
      ...moments.map((column) => int64(BigInt(column[i]!))),
    ];
  });
}

/**
 * 32 bytes over the items of a whole dataset in their order, those outside of the report's filter included: where identifiers end, mod
 * 2^32, then the identifiers, then the rows of items, each behind its length.
 */
export async function digestEverybody({ identifiers, items }: EncodedItems): Promise<Uint8Array> {
  const hash = createHash("sha256").update("halfroom/v1/data/everybody");
  hash.update(int64(BigInt((identifiers.count + 1) * 4))).update(new Uint8Array(4));
  let bytes = 0;
  for await (const { rows } of piecesOf(identifiers)) {
    const { offsets } = rows;
    const before = bytes - offsets[0]!;
    hash.update(Uint32Array.from(offsets.subarray(1), (end) => before + end));
    bytes = before + offsets.at(-1)!;
  }
  hash.update(int64(BigInt(bytes)));
  for await (const { rows } of piecesOf(identifiers))
    hash.update(rows.bytes.subarray(rows.offsets[0], rows.offsets.at(-1)));
  hash.update(int64(BigInt(4 * (items?.length ?? 0))));
  for await (const { pieces } of piecesOfColumns(items === undefined ? [] : [items])) hash.update(pieces[0]!);
  return new Uint8Array(hash.digest());
}

const LACKED = new Uint8Array(0);

/** The identifiers of items `start` up to `end`; empty for an item that lacks a key. */
async function identifiersOf(
  { identifiers, items }: EncodedItems,
  start: number,
  end: number,
): Promise<(item: number) => Uint8Array> {
  const rowsOf = await items?.read(start, end);
  const rowOf = (item: number) => rowsOf?.[item - start] ?? item;
  let [first, last] = [Infinity, -1];
  for (let item = start; item < end; item++) {
    const row = rowOf(item);
    if (row === LACKING) continue;
    first = Math.min(first, row);
    last = Math.max(last, row);
  }
  if (last < 0) return () => LACKED;
  // Items are in the order of their rows, but for those outside of a filter.
  const rows = await identifiers.read(first, last + 1);
  return (item) => (rowOf(item) === LACKING ? LACKED : rowAt(rows, rowOf(item) - first));
}

/** A hash over the sorted hashes of so many items, those of the report. `partsOf` gives what is hashed of each of some items. */
async function digestItems(
  role: string,
  data: EncodedItems,
  count: number,
  records: RecordStore,
  partsOf: (start: number, end: number) => Promise<(i: number) => Uint8Array[]>,
): Promise<Uint8Array> {
  const hashes = records.records(HASH_WORDS, PARTS);
  for (let start = 0; start < count; start += PIECE) {
    const end = Math.min(count, start + PIECE);
    const identifierOf = await identifiersOf(data, start, end);
    const partOf = await partsOf(start, end);
    for (let item = start; item < end; item++) {
      const hash = createHash("sha256");
      for (const part of [identifierOf(item), ...partOf(item - start)])
        hash.update(int64(BigInt(part.length))).update(part);
      const digest = new Uint8Array(hash.digest());
      hashes.append(new Uint32Array(digest.buffer), ((digest[0]! << 8) | digest[1]!) >>> PART_SHIFT);
    }
    await hashes.settled();
  }
  const all = createHash("sha256").update(`halfroom/v1/data/${role}`);
  for (let part = 0; part < PARTS; part++) {
    const bytes = Buffer.from((await hashes.slice(0, Infinity, part)).buffer);
    const sorted = Array.from({ length: hashes.count(part) }, (_, i) => bytes.subarray(i * 32, (i + 1) * 32));
    for (const hash of sorted.sort(Buffer.compare)) all.update(hash);
  }
  await hashes.close();
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
