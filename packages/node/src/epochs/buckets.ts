// How cached pseudonyms are laid out: a person is found by a keyed 16-byte tag; the tag's first bits name a bucket, so that a
// bucket is read, opened and searched as one piece. Records: tag 16, pseudonym 64 bytes.
import { rowAt, rowCount, type ByteRows } from "@halfroom/crypto";
import { OUTPUT_BYTES } from "@halfroom/match";
import type { Vault } from "../vault/vault.ts";

/** A bucket is named by the first 10 bits of a tag: 1,024 buckets. */
const BUCKET_SHIFT = 6;
export const TAG_BYTES = 16;
export const RECORD_BYTES = TAG_BYTES + OUTPUT_BYTES;

/** People x 16 bytes. */
export function tagsOf(vault: Vault, identifiers: ByteRows): Uint8Array {
  const tags = new Uint8Array(rowCount(identifiers) * TAG_BYTES);
  for (let i = 0; i < rowCount(identifiers); i++) {
    tags.set(vault.tag("person", rowAt(identifiers, i)).subarray(0, TAG_BYTES), i * TAG_BYTES);
  }
  return tags;
}

/** The people of each bucket, ascending; only buckets that have any. */
export function byBucket(tags: Uint8Array): Map<number, number[]> {
  const buckets = new Map<number, number[]>();
  for (let person = 0; person * TAG_BYTES < tags.length; person++) {
    const at = person * TAG_BYTES;
    const bucket = ((tags[at]! << 8) | tags[at + 1]!) >>> BUCKET_SHIFT;
    const people = buckets.get(bucket);
    if (people === undefined) buckets.set(bucket, [person]);
    else people.push(person);
  }
  return buckets;
}

/** The tag at byte `at` as a key for maps. */
export function tagKey(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, TAG_BYTES).toString("latin1");
}

/** Where the record of each tag starts in `records`. */
export function indexRecords(records: Uint8Array): Map<string, number> {
  const index = new Map<string, number>();
  for (let at = 0; at < records.length; at += RECORD_BYTES) index.set(tagKey(records, at), at);
  return index;
}
