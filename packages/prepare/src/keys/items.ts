// Several match keys, with each person counted once (design section 2.1). Let M be the set of keys in which person x of one side
// and person y of the other agree. Each has one item for every non-empty set T of keys; items are equal exactly if T is within M.
// With the sign + for odd and - for even T, equal items add up to 1 if M is not empty, and to 0 if it is:
//
//     sum over non-empty T in M of (-1)^(|T| + 1) = 1
//
// An item that lacks one of its keys equals nothing. It has no identifier and is never enrolled: the session gives it a random
// pseudonym of its own, so that there are always people x (2^K - 1) items.
import {
  changedColumn,
  columnOfWords,
  constantColumn,
  type Column,
  type NumberArray,
  type RecordStore,
  type RowSource,
  type StoredRecords,
  zerosLike,
} from "@halfroom/crypto";
import { identifierPrefix } from "../identifiers/rules.ts";
import { assertDistinct } from "./distinct.ts";
import { hasAll, itemRows, type ItemSet } from "./item-rows.ts";

/** One side's people, and for each of them the keys that they have, bit k for key k. */
export interface KeyedPeople {
  readonly count: number;
  readonly keys: readonly string[];
  /** A record a person: keys x 32 bytes, zeros where a key is lacking. */
  readonly digests: StoredRecords;
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

/** People whose items are numbered at a time. */
const PIECE = 8192;

/** Stands for an item that lacks one of its keys. */
export const LACKING = 0xffff_ffff;

/** What people are pseudonymised by, and what a report takes of it. */
export interface EncodedItems {
  /** The encoded items that the people of a dataset have, all distinct, person by person: those that are enrolled. */
  readonly identifiers: RowSource;
  /**
   * For each item of everybody in the dataset, person by person and the report's people first in their own order: its row among
   * the identifiers, or `LACKING`. Undefined where this is 0, 1, 2, ...
   */
  readonly items?: Column<Uint32Array> | undefined;
}

/**
 * A person's items are in the order of `combinations`. The item of one key is that key's identifier; that of several is SHA-256
 * of their digests under their labels. Identifiers are read where the digests lie, or from `records`. Throws RangeError if two people
 * have an item in common, since preparation removes shared identifiers first.
 */
export async function encodeItems(people: KeyedPeople, records: RecordStore): Promise<EncodedItems> {
  const { keys, present, inside } = people;
  await assertDistinct(people, records);
  const sets: ItemSet[] = combinations(keys.length).map((set) => {
    const members = membersOf(set, keys.length);
    return { set, members, prefix: identifierPrefix(members.map((k) => keys[k]).join("+")) };
  });
  const identifiers = await itemRows(people, sets, records);
  if (keys.length === 1 && inside === undefined) return { identifiers };
  if (inside === undefined && identifiers.count === present.length * sets.length) return { identifiers };
  return { identifiers, items: await rowsOfItems(people, sets, records) };
}

/** For each item of each person its row among those that people have; the report's people before all others. */
async function rowsOfItems(
  { present, inside }: KeyedPeople,
  sets: readonly ItemSet[],
  records: RecordStore,
): Promise<Column<Uint32Array>> {
  const rows = records.records(1);
  for (const side of inside === undefined ? [undefined] : [1, 0]) {
    let row = 0;
    for (let start = 0; start < present.length; start += PIECE) {
      const piece = new Uint32Array(PIECE * sets.length);
      let next = 0;
      for (let person = start; person < Math.min(present.length, start + PIECE); person++) {
        const isWanted = inside?.[person] === side;
        for (const { set } of sets) {
          const has = hasAll(present[person]!, set);
          if (isWanted) piece[next++] = has ? row : LACKING;
          if (has) row++;
        }
      }
      rows.append(piece.subarray(0, next));
      await rows.settled();
    }
  }
  return columnOfWords(rows);
}

function membersOf(set: number, keys: number): number[] {
  return Array.from({ length: keys }, (_, k) => k).filter((k) => (set & (1 << k)) !== 0);
}

/** With several keys, the number that counts people: each item's sign; so many people. */
export function peoplePayloadOf(people: number, keys: number): Column<BigInt64Array> {
  return signedPayload(
    constantColumn(people, (count) => new BigInt64Array(count).fill(1n)),
    keys,
  );
}

/** From a value per person to one per item, with the item's sign. */
export function signedPayload(values: Column<BigInt64Array>, keys: number): Column<BigInt64Array> {
  const signs = itemSigns(keys);
  if (signs.length === 1) return values;
  return changedColumn(perItem(values, keys), (numbers, start) =>
    numbers.map((value, i) => signs[(start + i) % signs.length]! * value),
  );
}

/** From a number per person to one per item. */
export function perItem<T extends NumberArray>(values: Column<T>, keys: number): Column<T> {
  const items = itemsPerPerson(keys);
  if (items === 1) return values;
  const length = values.length * items;
  return {
    length,
    async read(start, end) {
      const stop = Math.min(end, length);
      const first = Math.floor(start / items);
      const ofPeople = await values.read(first, Math.ceil(stop / items));
      const repeated = zerosLike(ofPeople, Math.max(0, stop - start));
      for (let i = 0; i < repeated.length; i++)
        repeated[i] = ofPeople[Math.floor((start + i) / items) - first]!;
      return repeated;
    },
  };
}
