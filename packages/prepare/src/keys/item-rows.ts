// The items that people have, encoded when they are read: each is the digest of its set of keys under the set's label.
import { createHash } from "node:crypto";
import type { ByteRows, RecordStore, RowSource, StoredRecords } from "@halfroom/crypto";
import { DIGEST_BYTES } from "../identifiers/hashed.ts";
import type { KeyedPeople } from "./items.ts";

/** People whose items are formed at a time. */
const PIECE = 8192;
const DIGEST_WORDS = DIGEST_BYTES / 4;
/** Of an item of several keys: the number of its set, its digest. */
const ITEM_WORDS = 1 + DIGEST_WORDS;

/** A non-empty set of keys. */
export interface ItemSet {
  /** Bit k for key k. */
  readonly set: number;
  /** Numbers of keys, ascending. */
  readonly members: readonly number[];
  /** What stands before the digest of its items. */
  readonly prefix: Uint8Array;
}

/** Whether a person with these keys has the item of that set. */
export const hasAll = (present: number, set: number): boolean => (present & set) === set;

/** With one key, which everybody has, a person's digest is that of the only item; with several the items are laid down in `records`. */
export async function itemRows(
  people: KeyedPeople,
  sets: readonly ItemSet[],
  records: RecordStore,
): Promise<RowSource> {
  if (people.keys.length === 1) return rowsOf(people.digests, sets, false);
  const items = records.records(ITEM_WORDS);
  for (let start = 0; start < people.count; start += PIECE) {
    items.append(await itemsOf(people, sets, start, Math.min(people.count, start + PIECE)));
    await items.settled();
  }
  await people.digests.close();
  return rowsOf(items, sets, true);
}

/** Those of people `start` up to `end`, in order. */
async function itemsOf(
  { keys, digests, present }: KeyedPeople,
  sets: readonly ItemSet[],
  start: number,
  end: number,
): Promise<Uint32Array> {
  const bytes = new Uint8Array((await digests.slice(start, end)).buffer);
  const items = new Uint32Array((end - start) * sets.length * ITEM_WORDS);
  const to = new Uint8Array(items.buffer);
  let at = 0;
  for (let person = start; person < end; person++) {
    const own = bytes.subarray((person - start) * keys.length * DIGEST_BYTES);
    for (const [i, { set, members }] of sets.entries()) {
      if (!hasAll(present[person]!, set)) continue;
      items[at] = i;
      to.set(digestOfSet(own, members), (at + 1) * 4);
      at += ITEM_WORDS;
    }
  }
  return items.subarray(0, at);
}

function digestOfSet(digests: Uint8Array, members: readonly number[]): Uint8Array {
  const of = (k: number): Uint8Array => digests.subarray(k * DIGEST_BYTES, (k + 1) * DIGEST_BYTES);
  if (members.length === 1) return of(members[0]!);
  const hash = createHash("sha256");
  for (const k of members) hash.update(of(k));
  return hash.digest();
}

/** Records of a digest each, of the first set, or, if they are numbered, of a set's number and a digest. */
function rowsOf(items: StoredRecords, sets: readonly ItemSet[], areNumbered: boolean): RowSource {
  const prefixes = sets.map(({ prefix }) => prefix);
  return {
    count: items.count(),
    longest: Math.max(...prefixes.map(({ length }) => length)) + DIGEST_BYTES,
    read: async (start, end) => encoded(await items.slice(start, end), items.words, prefixes, areNumbered),
    close: () => items.close(),
  };
}

function encoded(
  words: Uint32Array,
  width: number,
  prefixes: readonly Uint8Array[],
  areNumbered: boolean,
): ByteRows {
  const from = new Uint8Array(words.buffer);
  const count = words.length / width;
  const prefixOf = (i: number) => prefixes[areNumbered ? words[i * width]! : 0]!;
  const offsets = new Uint32Array(count + 1);
  for (let i = 0; i < count; i++) offsets[i + 1] = offsets[i]! + prefixOf(i).length + DIGEST_BYTES;
  const bytes = new Uint8Array(offsets[count]!);
  for (let i = 0, at = 0; i < count; i++) {
    // A loop over bytes is faster than two views an item.
    const prefix = prefixOf(i);
    for (let b = 0; b < prefix.length; b++) bytes[at++] = prefix[b]!;
    const digest = (i + 1) * width * 4 - DIGEST_BYTES;
    for (let b = 0; b < DIGEST_BYTES; b++) bytes[at++] = from[digest + b]!;
  }
  return { bytes, offsets };
}
