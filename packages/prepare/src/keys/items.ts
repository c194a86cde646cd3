// Several match keys, with each person counted once (design section 2.1). Let M be the set of keys in which person x of one side
// and person y of the other agree. Each has one item for every non-empty set T of keys; items are equal exactly if T is within M.
// With the sign + for odd and - for even T, equal items add up to 1 if M is not empty, and to 0 if it is:
//
//     sum over non-empty T in M of (-1)^(|T| + 1) = 1
//
// An item that lacks one of its keys equals nothing. It has no identifier and is never enrolled: the session gives it a random
// pseudonym of its own, so that there are always people x (2^K - 1) items.
import { createHash } from "node:crypto";
import type { ByteRows } from "@halfroom/crypto";
import { DIGEST_BYTES } from "../identifiers/hashed.ts";
import { identifierPrefix } from "../identifiers/rules.ts";
import { DigestSet } from "./digest-set.ts";

/** One side's people: digests, people x keys x 32 bytes, and for each person the keys that they have, bit k for key k. */
export interface KeyedPeople {
  readonly count: number;
  readonly keys: readonly string[];
  readonly digests: Uint8Array;
  readonly present: Uint8Array;
  /** 1 for each person whom the report's filter keeps; undefined if it keeps everybody. */
  readonly inside?: Uint8Array | undefined;
}

/** Items per person: 2^K - 1 for K keys. */
function itemsPerPerson(keys: number): number {
  return 2 ** keys - 1;
}

/** The sign of a person's items, in their order: + for an odd number of keys, - for an even one. */
function itemSigns(keys: number): bigint[] {
  return combinations(keys).map((set) => (bitCount(set) % 2 === 1 ? 1n : -1n));
}

/** The non-empty sets of keys, as bits, in the order of a person's items. */
function combinations(keys: number): number[] {
  return Array.from({ length: itemsPerPerson(keys) }, (_, i) => i + 1);
}

function bitCount(set: number): number {
  let bits = 0;
  for (let rest = set; rest > 0; rest &= rest - 1) bits++;
  return bits;
}

/** Stands for an item that lacks one of its keys. */
export const LACKING = 0xffff_ffff;

/** What people are pseudonymised by, and what a report takes of it. */
export interface EncodedItems {
  /** The encoded items that the people of a dataset have, all distinct, person by person: those that are enrolled. */
  readonly identifiers: ByteRows;
  /**
   * For each item of everybody in the dataset, person by person and the report's people first in their own order: its row among
   * the identifiers, or `LACKING`. Undefined where this is 0, 1, 2, ...
   */
  readonly items?: Uint32Array | undefined;
}

/**
 * A person's items are in the order of `combinations`. The item of one key is that key's identifier; that of several is SHA-256
 * of their digests under their labels. Throws RangeError if two people have an item in common, since preparation removes
 * shared identifiers first.
 */
export function encodeItems(people: KeyedPeople): EncodedItems {
  const { keys, digests, present, inside } = people;
  assertDistinct(people);
  const sets = combinations(keys.length);
  const prefixes = sets.map((set) =>
    identifierPrefix(
      membersOf(set, keys.length)
        .map((k) => keys[k])
        .join("+"),
    ),
  );
  const rows = rowsOfItems(present, sets);
  const identifiers = roomFor(present, sets, prefixes);
  if (keys.length === 1) encodeSingle(identifiers, digests, prefixes[0]!);
  else encodeSets(identifiers, people, sets, prefixes);
  if (inside !== undefined) return { identifiers, items: insideFirst(rows, inside, sets.length) };
  return rows.length === identifiers.offsets.length - 1 ? { identifiers } : { identifiers, items: rows };
}

const hasAll = (present: number, set: number): boolean => (present & set) === set;

/** For each item of each person its row among those that people have. */
function rowsOfItems(present: Uint8Array, sets: readonly number[]): Uint32Array {
  const rows = new Uint32Array(present.length * sets.length);
  let [item, row] = [0, 0];
  for (const has of present) for (const set of sets) rows[item++] = hasAll(has, set) ? row++ : LACKING;
  return rows;
}

/** The report's people before all others. */
function insideFirst(rows: Uint32Array, inside: Uint8Array, each: number): Uint32Array {
  const ordered = new Uint32Array(rows.length);
  let at = 0;
  for (const side of [1, 0]) {
    for (let person = 0; person < inside.length; person++) {
      if (inside[person] !== side) continue;
      for (let i = 0; i < each; i++) ordered[at++] = rows[person * each + i]!;
    }
  }
  return ordered;
}

/** Rows of the right number and size, still empty. */
function roomFor(present: Uint8Array, sets: readonly number[], prefixes: readonly Uint8Array[]): ByteRows {
  let [count, size] = [0, 0];
  for (const has of present) {
    for (let i = 0; i < sets.length; i++) {
      if (!hasAll(has, sets[i]!)) continue;
      count++;
      size += prefixes[i]!.length + DIGEST_BYTES;
    }
  }
  // Labels of custom keys may be long: the last word on what `assertHeld` estimates.
  if (size > 0xffff_ffff) throw new RangeError("more than 4 GiB of items");
  return { bytes: new Uint8Array(size), offsets: new Uint32Array(count + 1) };
}

/** With one key, which everybody has; a loop over bytes is faster than two views per person. */
function encodeSingle({ bytes, offsets }: ByteRows, digests: Uint8Array, prefix: Uint8Array): void {
  const itemBytes = prefix.length + DIGEST_BYTES;
  for (let person = 0, at = 0; person + 1 < offsets.length; person++) {
    for (let i = 0; i < prefix.length; i++) bytes[at++] = prefix[i]!;
    const from = person * DIGEST_BYTES;
    for (let i = 0; i < DIGEST_BYTES; i++) bytes[at++] = digests[from + i]!;
    offsets[person + 1] = (person + 1) * itemBytes;
  }
}

function encodeSets(
  { bytes, offsets }: ByteRows,
  { count, keys, digests, present }: KeyedPeople,
  sets: readonly number[],
  prefixes: readonly Uint8Array[],
): void {
  let end = 0;
  for (let person = 0, row = 0; person < count; person++) {
    for (const [i, set] of sets.entries()) {
      if (!hasAll(present[person]!, set)) continue;
      const prefix = prefixes[i]!;
      bytes.set(prefix, end);
      end += prefix.length;
      bytes.set(digestOfSet(digests, person, set, keys.length), end);
      end += DIGEST_BYTES;
      offsets[++row] = end;
    }
  }
}

function membersOf(set: number, keys: number): number[] {
  return Array.from({ length: keys }, (_, k) => k).filter((k) => (set & (1 << k)) !== 0);
}

function digestOfSet(digests: Uint8Array, person: number, set: number, keys: number): Uint8Array {
  const at = (k: number): Uint8Array => {
    const start = (person * keys + k) * DIGEST_BYTES;
    return digests.subarray(start, start + DIGEST_BYTES);
  };
  const members = membersOf(set, keys);
  if (members.length === 1) return at(members[0]!);
  const hash = createHash("sha256");
  for (const k of members) hash.update(at(k));
  return hash.digest();
}

/** If each key's digests are all different, so are the items. */
function assertDistinct({ count, keys, digests, present }: KeyedPeople): void {
  // With one key people are sorted, so comparing neighbours is enough; a set of ten million would take 128 MiB.
  if (keys.length === 1 && isAscending(digests, count)) return;
  for (const k of keys.keys()) {
    const seen = new DigestSet(digests, count);
    for (let person = 0; person < count; person++) {
      if ((present[person]! & (1 << k)) === 0) continue;
      if (!seen.add((person * keys.length + k) * DIGEST_BYTES)) {
        throw new RangeError("two people share an identifier");
      }
    }
  }
}

/** Whether each digest is greater than the one before it. */
function isAscending(digests: Uint8Array, count: number): boolean {
  for (let at = DIGEST_BYTES; at < count * DIGEST_BYTES; at += DIGEST_BYTES) {
    let i = at;
    while (i < at + DIGEST_BYTES && digests[i] === digests[i - DIGEST_BYTES]) i++;
    if (i === at + DIGEST_BYTES || digests[i]! < digests[i - DIGEST_BYTES]!) return false;
  }
  return true;
}

/** From a value per person to one per item, with the item's sign; for the people column everybody's value is 1. */
export function signedPayload(values: BigInt64Array, keys: number): BigInt64Array {
  const signs = itemSigns(keys);
  const payload = new BigInt64Array(values.length * signs.length);
  for (let person = 0, item = 0; person < values.length; person++) {
    for (const sign of signs) payload[item++] = sign * values[person]!;
  }
  return payload;
}

/** From a number per person to one per item. */
export function perItem<T extends Uint32Array | Uint8Array>(values: T, keys: number): T {
  const items = itemsPerPerson(keys);
  if (items === 1) return values;
  const length = values.length * items;
  const repeated = (values instanceof Uint8Array ? new Uint8Array(length) : new Uint32Array(length)) as T;
  for (let person = 0; person < values.length; person++) {
    repeated.fill(values[person]!, person * items, (person + 1) * items);
  }
  return repeated;
}
