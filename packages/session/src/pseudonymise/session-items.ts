// From the pseudonyms of a dataset to those of a session's items (protocol-spec.md, section "Pseudonymise"): each item that its
// person has takes the pseudonym of its identifier, each that its person lacks a random one that nothing else equals.
import type { Rng, RowSource, StoredRecords } from "@halfroom/crypto";
import { OUTPUT_BYTES } from "@halfroom/match";
import { LACKING, type EncodedItems } from "@halfroom/prepare";
import { PSEUDONYM_WORDS } from "./keys.ts";

/** Local pseudonyms in one piece. */
const PIECE = 4096;

/** The first so many items of a dataset are those of a session. */
export class SessionItems {
  /** Those that are enrolled. */
  readonly identifiers: RowSource;
  /** Items of everybody in the dataset, those that they lack included. */
  readonly places: number;
  readonly #rows: Uint32Array | undefined;

  /** Throws RangeError unless the session has exactly so many items, each lacking or the only one of an identifier. */
  constructor({ identifiers, items }: EncodedItems, count: number) {
    this.identifiers = identifiers;
    this.places = items?.length ?? this.identifiers.count;
    this.#rows = items?.subarray(0, count);
    if (count > this.places || (items === undefined && count !== this.places))
      throw new RangeError("a session has as many items as its people have");
    if (this.#rows !== undefined) assertOwnRows(this.#rows, this.identifiers.count);
  }

  /**
   * Records of item and pseudonym, each item once and in any order, from records of row and pseudonym. Random ones are drawn item by item.
   */
  async *pseudonyms(ofRows: StoredRecords, rng: Rng): AsyncGenerator<Uint32Array> {
    const rows = this.#rows;
    if (rows === undefined) {
      yield* ofRows.read();
      return;
    }
    const itemOf = new Uint32Array(this.identifiers.count).fill(LACKING);
    rows.forEach((row, item) => {
      if (row !== LACKING) itemOf[row] = item;
    });
    for await (const records of ofRows.read()) yield renumbered(records, itemOf);
    yield* localPseudonyms(rows, rng);
  }
}

/** Records by item in place of row, without those whose row is no item of the session. */
function renumbered(records: Uint32Array, itemOf: Uint32Array): Uint32Array {
  const kept = new Uint32Array(records.length);
  let next = 0;
  for (let at = 0; at < records.length; at += PSEUDONYM_WORDS) {
    const item = itemOf[records[at]!]!;
    if (item === LACKING) continue;
    kept[next] = item;
    kept.set(records.subarray(at + 1, at + PSEUDONYM_WORDS), next + 1);
    next += PSEUDONYM_WORDS;
  }
  return kept.subarray(0, next);
}

/** Those of the items that their people lack. */
function* localPseudonyms(rows: Uint32Array, rng: Rng): Generator<Uint32Array> {
  for (let item = 0; item < rows.length;) {
    const records = new Uint32Array(PIECE * PSEUDONYM_WORDS);
    const bytes = new Uint8Array(records.buffer);
    let next = 0;
    for (; item < rows.length && next < records.length; item++) {
      if (rows[item] !== LACKING) continue;
      records[next] = item;
      bytes.set(rng.bytes(OUTPUT_BYTES), (next + 1) * 4);
      next += PSEUDONYM_WORDS;
    }
    yield records.subarray(0, next);
  }
}

/** Throws RangeError if two items have one identifier, or one has an identifier that is not there. */
function assertOwnRows(rows: Uint32Array, identifiers: number): void {
  const taken = new Uint8Array(identifiers);
  for (const row of rows) {
    if (row === LACKING) continue;
    if (row >= identifiers || taken[row] === 1) throw new RangeError("an item has no identifier of its own");
    taken[row] = 1;
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
