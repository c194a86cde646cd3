// Whether no two people of a side hold one identifier. Preparation sees to it; a session over others would count wrongly.
import type { RecordStore } from "@halfroom/crypto";
import { DIGEST_BYTES } from "../identifiers/hashed.ts";
import { DigestSet } from "./digest-set.ts";
import type { KeyedPeople } from "./items.ts";

const DIGEST_WORDS = DIGEST_BYTES / 4;
/** Digests are compared with those that begin with the same byte. */
const PARTS = 256;

/** If each key's digests are all different, so are the items. Throws RangeError. */
export async function assertDistinct(people: KeyedPeople, records: RecordStore): Promise<void> {
  // With one key people are sorted, so comparing neighbours is enough.
  const areDistinct =
    people.keys.length === 1
      ? await areAscending(people)
      : await everyOf([...people.keys.keys()], (key) => areDifferent(people, key, records));
  if (!areDistinct) throw new RangeError("two people share an identifier");
}

/** Whether each digest is greater than the one before it. */
async function areAscending({ digests }: KeyedPeople): Promise<boolean> {
  let before: Uint8Array | undefined;
  for await (const page of digests.read()) {
    const bytes = new Uint8Array(page.buffer, page.byteOffset, page.byteLength);
    if (before !== undefined && Buffer.compare(before, bytes.subarray(0, DIGEST_BYTES)) >= 0) return false;
    for (let at = DIGEST_BYTES; at < bytes.length; at += DIGEST_BYTES) {
      let i = at;
      while (i < at + DIGEST_BYTES && bytes[i] === bytes[i - DIGEST_BYTES]) i++;
      if (i === at + DIGEST_BYTES || bytes[i]! < bytes[i - DIGEST_BYTES]!) return false;
    }
    before = bytes.slice(-DIGEST_BYTES);
  }
  return true;
}

/** Whether nobody has another's digest of this key. */
async function areDifferent(
  { keys, digests, present }: KeyedPeople,
  key: number,
  records: RecordStore,
): Promise<boolean> {
  const byByte = records.records(DIGEST_WORDS, PARTS);
  let person = 0;
  for await (const page of digests.read()) {
    for (let at = key * DIGEST_WORDS; at < page.length; at += keys.length * DIGEST_WORDS) {
      const digest = page.subarray(at, at + DIGEST_WORDS);
      if ((present[person++]! & (1 << key)) !== 0) byByte.append(digest, digest[0]! & 0xff);
    }
    await byByte.settled();
  }
  const ofPart = async (part: number) => {
    const bytes = new Uint8Array((await byByte.slice(0, Infinity, part)).buffer);
    const seen = new DigestSet(bytes, bytes.length / DIGEST_BYTES);
    for (let start = 0; start < bytes.length; start += DIGEST_BYTES) if (!seen.add(start)) return false;
    return true;
  };
  const areAll = await everyOf([...Array(PARTS).keys()], ofPart);
  await byByte.close();
  return areAll;
}

async function everyOf<T>(all: readonly T[], holds: (each: T) => Promise<boolean>): Promise<boolean> {
  for (const each of all) if (!(await holds(each))) return false;
  return true;
}
