// From the pseudonyms of a dataset to those of a session's items (protocol-spec.md, section "Pseudonymise"): each item that its
// person has takes the pseudonym of its identifier, each that its person lacks a random one that nothing else equals.
import {
  Lots,
  piecesOfColumns,
  type Column,
  type RecordStore,
  type Rng,
  type RowSource,
  type StoredRecords,
} from "@halfroom/crypto";
import { OUTPUT_BYTES } from "@halfroom/match";
import { LACKING, type EncodedItems } from "@halfroom/prepare";
import { PSEUDONYM_WORDS } from "./keys.ts";

/** Of a record of an item's row and the item. */
const PLACED_WORDS = 2;

/** The items of a session that have a row of their own, and where they are found by it. */
interface Placed {
  readonly rows: Column<Uint32Array>;
  readonly byRow: Lots;
}

/** The first so many items of a dataset are those of a session. */
export class SessionItems {
  /** Those that are enrolled. */
  readonly identifiers: RowSource;
  /** Items of everybody in the dataset, those that they lack included. */
  readonly places: number;
  readonly #scratch: RecordStore;
  /** Of the session's items; undefined where an item's number is that of its row. */
  readonly #placed: Placed | undefined;

  private constructor(
    { identifiers, items }: EncodedItems,
    scratch: RecordStore,
    placed: Placed | undefined,
  ) {
    this.identifiers = identifiers;
    this.places = items?.length ?? identifiers.count;
    this.#scratch = scratch;
    this.#placed = placed;
  }

  /** Throws RangeError unless the session has exactly so many items, each lacking or the only one of an identifier. */
  static async of(encoded: EncodedItems, count: number, scratch: RecordStore): Promise<SessionItems> {
    const { identifiers, items } = encoded;
    const places = items?.length ?? identifiers.count;
    if (count > places || (items === undefined && count !== places))
      throw new RangeError("a session has as many items as its people have");
    const placed = items && (await placedItems(items, count, identifiers.count, scratch));
    return new SessionItems(encoded, scratch, placed);
  }

  /**
   * Records of item and pseudonym, each item once and in any order, from records of row and pseudonym. Random ones are drawn item by item. It
   * can be read once.
   */
  async *pseudonyms(ofRows: StoredRecords, rng: Rng): AsyncGenerator<Uint32Array> {
    if (this.#placed === undefined) {
      yield* ofRows.read();
      return;
    }
    const { rows, byRow } = this.#placed;
    const pseudonyms = new Lots(this.#scratch, PSEUDONYM_WORDS, this.identifiers.count);
    for await (const records of ofRows.read()) await pseudonyms.add(records);
    const items = byRow.read();
    for await (const { first, count, records } of pseudonyms.read()) {
      const lot = await items.next();
      yield renumbered(records, first, itemsByRow(lot.value!.records, first, count));
    }
    await pseudonyms.close();
    await byRow.close();
    yield* localPseudonyms(rows, rng);
  }
}

/** Throws RangeError if two items have one identifier, or one has an identifier that is not there. */
async function placedItems(
  items: Column<Uint32Array>,
  count: number,
  identifiers: number,
  scratch: RecordStore,
): Promise<Placed> {
  const rows = {
    length: count,
    read: (start: number, end: number) => items.read(start, Math.min(end, count)),
  };
  const byRow = new Lots(scratch, PLACED_WORDS, identifiers);
  for await (const { start, pieces } of piecesOfColumns([rows])) {
    const records = new Uint32Array(pieces[0]!.length * PLACED_WORDS);
    let next = 0;
    for (const [i, row] of pieces[0]!.entries()) {
      if (row === LACKING) continue;
      if (row >= identifiers) throw new RangeError(NOT_OWN);
      records[next++] = row;
      records[next++] = start + i;
    }
    await byRow.add(records.subarray(0, next));
  }
  for await (const lot of byRow.read()) itemsByRow(lot.records, lot.first, lot.count);
  return { rows, byRow };
}

const NOT_OWN = "an item has no identifier of its own";

/** The item of each of `count` rows from `first` on, `LACKING` for none. Throws RangeError if two have one row. */
function itemsByRow(records: Uint32Array, first: number, count: number): Uint32Array {
  const itemOf = new Uint32Array(count).fill(LACKING);
  for (let at = 0; at < records.length; at += PLACED_WORDS) {
    const row = records[at]! - first;
    if (itemOf[row] !== LACKING) throw new RangeError(NOT_OWN);
    itemOf[row] = records[at + 1]!;
  }
  return itemOf;
}

/** Records by item in place of row, without those whose row is no item of the session. */
function renumbered(records: Uint32Array, first: number, itemOf: Uint32Array): Uint32Array {
  const kept = new Uint32Array(records.length);
  let next = 0;
  for (let at = 0; at < records.length; at += PSEUDONYM_WORDS) {
    const item = itemOf[records[at]! - first]!;
    if (item === LACKING) continue;
    kept[next] = item;
    kept.set(records.subarray(at + 1, at + PSEUDONYM_WORDS), next + 1);
    next += PSEUDONYM_WORDS;
  }
  return kept.subarray(0, next);
}

/** Those of the items that their people lack. */
async function* localPseudonyms(rows: Column<Uint32Array>, rng: Rng): AsyncGenerator<Uint32Array> {
  for await (const { start, pieces } of piecesOfColumns([rows])) {
    const records = new Uint32Array(pieces[0]!.length * PSEUDONYM_WORDS);
    const bytes = new Uint8Array(records.buffer);
    let next = 0;
    for (const [i, row] of pieces[0]!.entries()) {
      if (row !== LACKING) continue;
      records[next] = start + i;
      bytes.set(rng.bytes(OUTPUT_BYTES), (next + 1) * 4);
      next += PSEUDONYM_WORDS;
    }
    yield records.subarray(0, next);
  }
}

/**
 * Whether each of so many identifiers has a pseudonym or is among the missing ones, which the OPRF fills in. The match would take zeros
 * for a pseudonym, and two such items would end the session in a way that tells the partner of them.
 */
export class KnownRows {
  readonly #isKnown: Uint8Array;

  constructor(identifiers: number) {
    this.#isKnown = new Uint8Array(identifiers);
  }

  /** Records of row and pseudonym. Throws RangeError for one that is not there, comes twice, or has no pseudonym. */
  take(records: Uint32Array): void {
    for (let at = 0; at < records.length; at += PSEUDONYM_WORDS) {
      if (isZero(records, at + 1)) throw new RangeError(WITHOUT);
      this.#know(records[at]!);
    }
  }

  /** Throws RangeError unless just the missing ones were not taken. */
  assertAll(missing: Uint32Array): void {
    for (const row of missing) this.#know(row);
    if (this.#isKnown.includes(0)) throw new RangeError(WITHOUT);
  }

  #know(row: number): void {
    if (this.#isKnown[row] !== 0) throw new RangeError("not one pseudonym an identifier");
    this.#isKnown[row] = 1;
  }
}

const WITHOUT = "an item has no pseudonym";

function isZero(words: Uint32Array, start: number): boolean {
  let at = start;
  while (at < start + PSEUDONYM_WORDS - 1 && words[at] === 0) at++;
  return at === start + PSEUDONYM_WORDS - 1;
}
