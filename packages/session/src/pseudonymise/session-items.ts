// From the pseudonyms of a dataset to those of a session's items (protocol-spec.md, section "Pseudonymise"): each item that its
// person has takes the pseudonym of its identifier, each that its person lacks a random one that nothing else equals.
import { rowCount, type Rng } from "@halfroom/crypto";
import { OUTPUT_BYTES } from "@halfroom/match";
import { LACKING, type EncodedItems } from "@halfroom/prepare";
import type { Known } from "./keys.ts";

/** The first so many items of a dataset are those of a session. */
export class SessionItems {
  /** Those that are enrolled. */
  readonly identifiers: EncodedItems["identifiers"];
  /** Items of everybody in the dataset, those that they lack included. */
  readonly places: number;
  readonly #rows: Uint32Array | undefined;

  /** Throws RangeError unless the session has exactly so many items, each lacking or the only one of an identifier. */
  constructor({ identifiers, items }: EncodedItems, count: number) {
    this.identifiers = identifiers;
    this.places = items?.length ?? rowCount(identifiers);
    this.#rows = items?.subarray(0, count);
    if (count > this.places || (items === undefined && count !== this.places))
      throw new RangeError("a session has as many items as its people have");
    if (this.#rows !== undefined) assertOwnRows(this.#rows, rowCount(identifiers));
  }

  /** Items x 64 bytes. Random ones are drawn item by item. */
  pseudonyms({ pseudonyms }: Known, rng: Rng): Uint8Array {
    const rows = this.#rows;
    if (rows === undefined) return pseudonyms;
    const ofItems = new Uint8Array(rows.length * OUTPUT_BYTES);
    rows.forEach((row, item) => {
      const own = row === LACKING ? rng.bytes(OUTPUT_BYTES) : rowOf(pseudonyms, row);
      ofItems.set(own, item * OUTPUT_BYTES);
    });
    return ofItems;
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
 * Throws RangeError unless each of so many identifiers has a pseudonym or is among the missing ones, which the OPRF fills in. The
 * match would take zeros for a pseudonym, and two such items would end the session in a way that tells the partner of them.
 */
export function assertKnown({ pseudonyms, missing }: Known, identifiers: number): void {
  if (pseudonyms.length !== identifiers * OUTPUT_BYTES)
    throw new RangeError("not one pseudonym an identifier");
  for (let row = 0, next = 0; row < identifiers; row++) {
    if (missing[next] === row) next++;
    else if (isZero(pseudonyms, row)) throw new RangeError("an item has no pseudonym");
  }
}

function isZero(pseudonyms: Uint8Array, row: number): boolean {
  const end = (row + 1) * OUTPUT_BYTES;
  let at = end - OUTPUT_BYTES;
  while (at < end && pseudonyms[at] === 0) at++;
  return at === end;
}

function rowOf(pseudonyms: Uint8Array, row: number): Uint8Array {
  return pseudonyms.subarray(row * OUTPUT_BYTES, (row + 1) * OUTPUT_BYTES);
}
