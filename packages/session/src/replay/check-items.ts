// Whether the items of a dataset are those of people of whom each counts once (design section 2.1).
import { createHash } from "node:crypto";
import { heldColumn, heldRows, rowAt, rowCount, type ByteRows } from "@halfroom/crypto";
import { encodeIdentifier, LACKING, type EncodedItems } from "@halfroom/prepare";
import type { Terms } from "../terms/terms.ts";

/** Items that are all in memory; see `EncodedItems`. */
export interface HeldItems {
  readonly identifiers: ByteRows;
  readonly items?: Uint32Array | undefined;
}

/** The same as a session takes them. */
export function encodedItems({ identifiers, items }: HeldItems): EncodedItems {
  return { identifiers: heldRows(identifiers), items: items && heldColumn(items) };
}

const DIGEST_BYTES = 32;

/** Words for what is wrong with the items; undefined if nothing is. */
export function itemsComplaint({ match }: Terms, { identifiers, items }: HeldItems): string | undefined {
  if (!areDistinct(identifiers)) return "the data has an identifier twice";
  const labels = match.map(({ label }) => label);
  if (labels.length === 1) return undefined;
  const each = 2 ** labels.length - 1;
  const rows = items ?? Uint32Array.from({ length: rowCount(identifiers) }, (_, row) => row);
  for (let first = 0; first < rows.length; first += each)
    if (!areOfOne(labels, identifiers, rows.subarray(first, first + each)))
      return "the data has a person with items that do not belong together";
  return undefined;
}

/** Preparation sorts the identifiers of a single key. */
function areDistinct(rows: ByteRows): boolean {
  const numbers = Uint32Array.from({ length: rowCount(rows) }, (_, row) => row);
  const compare = (a: number, b: number) => Buffer.compare(rowAt(rows, a), rowAt(rows, b));
  const isAscending = (row: number, i: number) => i === 0 || compare(numbers[i - 1]!, row) < 0;
  return numbers.every(isAscending) || numbers.sort(compare).every(isAscending);
}

/** An item of several keys is the hash of the digests of each; it is there exactly if they all are. */
function areOfOne(labels: readonly string[], identifiers: ByteRows, rows: Uint32Array): boolean {
  const digestOf = (key: number): Uint8Array | undefined => {
    const row = rows[(1 << key) - 1]!;
    return row === LACKING ? undefined : rowAt(identifiers, row).subarray(-DIGEST_BYTES);
  };
  const keys = labels.map((label, key) => ({ label, digest: digestOf(key) }));
  return rows.every((row, i) => {
    const members = keys.filter((_, key) => ((i + 1) & (1 << key)) !== 0);
    const digests = members.flatMap(({ digest }) => digest ?? []);
    if (digests.length < members.length || row === LACKING)
      return digests.length < members.length && row === LACKING;
    const [digest] = digests.length === 1 ? digests : [sha256(digests)];
    const item = encodeIdentifier(members.map(({ label }) => label).join("+"), digest!);
    return Buffer.compare(item, rowAt(identifiers, row)) === 0;
  });
}

function sha256(parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
