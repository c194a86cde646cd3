// Pseudonyms of this side's people, kept for an epoch under the OPRF key that made them, so that a later session over the same
// people needs no elliptic-curve work. At rest they are sealed under a secret that is deleted with them.
import { randomBytes } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import {
  hashRows as hashRowsHere,
  packRows,
  piecesOf,
  rowCount,
  type ByteRows,
  type RecordStore,
  type RowSource,
  type StoredRecords,
} from "@halfroom/crypto";
import { OPRF_SUITE } from "@halfroom/match";
import { PSEUDONYM_WORDS, type NewPseudonyms } from "@halfroom/session";
import type { Owner } from "../partners/partners.ts";
import type { Store } from "../store/store.ts";
import { Vault, type Sealing } from "../vault/vault.ts";
import {
  bucketOf,
  Buckets,
  BUCKETS,
  BUCKETS_AT_ONCE,
  RECORD_BYTES,
  RECORD_WORDS,
  Records,
  TAG_WORDS,
  wordsOf,
} from "./buckets.ts";
import { TAG_BYTES, tagsOf, type HashRows } from "./tags.ts";
import { DAY_MS } from "../time.ts";

const SECRET = "epochs/cache";
/** What is sealed here; the pseudonyms are under the secret. */
export const SEALED_CACHES = { table: "cache", column: "secret", context: ["name"], purpose: SECRET };
const RECORDS = "records";
const PERSON = "person";
const SECRET_BYTES = 32;
/** After this many additions a bucket is rewritten as one part. */
const PARTS_MAX = 8;
/** A partner's claim about when its epoch ends is not trusted beyond this. */
const KEPT_DAYS_MAX = 366;
/** What is looked up: a tag, and the number of its row. */
const ASKED_WORDS = TAG_WORDS + 1;

interface CacheRow {
  id: number;
  /** The partner's name when the secret was sealed, to which it is bound. */
  name: string;
  secret: Uint8Array;
}

/** All caches of a node. */
export class PseudonymCaches {
  readonly #store: Store;
  readonly #vault: Sealing;

  constructor(store: Store, vault: Sealing) {
    this.#store = store;
    this.#vault = vault;
  }

  /**
   * The cache for pseudonyms of this version's suite under the OPRF key with `publicKey` (the sender's: ours or the partner's); it is created if
   * there is none. `hashRows` is a kernel's. Errors: `damaged`.
   */
  open(
    partner: Owner,
    publicKey: Uint8Array,
    endsAt: number,
    now: number,
    hashRows: HashRows = hashRowsHere,
  ): PseudonymCache {
    return this.#store.transaction(() => {
      const select =
        "SELECT id, name, secret FROM cache WHERE partner_key = ? AND public_key = ? AND suite = ?";
      const find = () => this.#store.get<CacheRow>(select, partner.key, publicKey, OPRF_SUITE);
      const known = find();
      if (known !== undefined) return this.#cache(known, hashRows);
      const sealed = this.#vault.seal(SECRET, [partner.name], randomBytes(SECRET_BYTES));
      this.#store.run(
        "INSERT INTO cache (partner_key, name, public_key, suite, ends_at, secret) VALUES (?, ?, ?, ?, ?, ?)",
        partner.key,
        partner.name,
        publicKey,
        OPRF_SUITE,
        Math.min(endsAt, now + KEPT_DAYS_MAX * DAY_MS),
        sealed,
      );
      return this.#cache(find()!, hashRows);
    });
  }

  /** Deletes the caches of epochs that have ended. Returns how many. */
  end(now: number): number {
    const ended = this.#store.run("DELETE FROM cache WHERE ends_at <= ?", now);
    if (ended > 0) this.#store.forgetDeleted();
    return ended;
  }

  /** How many caches there are. */
  count(): number {
    return this.#store.get<{ caches: number }>("SELECT count(*) AS caches FROM cache")!.caches;
  }

  /** In how many caches of each partner, under its name at the time, these people are, added up over the people. */
  holding(identifiers: ByteRows): { readonly partner: string; readonly people: number }[] {
    return this.#store
      .all<CacheRow>("SELECT id, name, secret FROM cache")
      .map((row) => ({ partner: row.name, people: this.#cache(row, hashRowsHere).holding(identifiers) }))
      .filter(({ people }) => people > 0);
  }

  /** Removes people from every cache. Returns how many records were removed. */
  remove(identifiers: ByteRows): number {
    const removed = this.#store.transaction(() =>
      this.#store
        .all<CacheRow>("SELECT id, name, secret FROM cache")
        .reduce((count, row) => count + this.#cache(row, hashRowsHere).remove(identifiers), 0),
    );
    if (removed > 0) this.#store.forgetDeleted();
    return removed;
  }

  #cache({ id, name, secret }: CacheRow, hashRows: HashRows): PseudonymCache {
    const vault = Vault.ofSecret(this.#vault.open(SECRET, [name], secret));
    return new PseudonymCache(this.#store, id, vault, hashRows);
  }
}

export class PseudonymCache {
  readonly #store: Store;
  readonly #id: number;
  readonly #vault: Vault;
  readonly #hashRows: HashRows;

  /** Only `PseudonymCaches` makes one. */
  constructor(store: Store, id: number, vault: Vault, hashRows: HashRows) {
    this.#store = store;
    this.#id = id;
    this.#vault = vault;
    this.#hashRows = hashRows;
  }

  /** As `PseudonymStore` has it, bucket after bucket. Errors: `damaged`, ScratchError. */
  async find(
    identifiers: RowSource,
    scratch: RecordStore,
    found: (records: Uint32Array) => Promise<void>,
  ): Promise<Uint32Array> {
    const asked = scratch.records(ASKED_WORDS, BUCKETS);
    for await (const { start, rows } of piecesOf(identifiers)) {
      const tags = this.#tags(rows);
      const numbers = Uint32Array.from({ length: rowCount(rows) }, (_, i) => start + i);
      asked.scatter(beside(tags, TAG_WORDS, numbers, 1), bucketsOf(tags));
      await asked.settled();
    }
    const isMissing = new Uint8Array(identifiers.count);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      if (asked.count(bucket) === 0) continue;
      await found(this.#lookUp(bucket, await asked.slice(0, Infinity, bucket), isMissing));
      await setImmediate();
    }
    await asked.close();
    return numbersOf(isMissing);
  }

  /** As `PseudonymStore` has it. A crash loses some of these at worst. */
  collect(scratch: RecordStore): NewPseudonyms {
    const records = scratch.records(RECORD_WORDS, BUCKETS);
    return {
      add: async (identifiers, pseudonyms) => {
        const tags = this.#tags(identifiers);
        const words = RECORD_WORDS - TAG_WORDS;
        records.scatter(beside(tags, TAG_WORDS, wordsOf(pseudonyms), words), bucketsOf(tags));
        await records.settled();
      },
      keep: async () => {
        for (let first = 0; first < BUCKETS; first += BUCKETS_AT_ONCE) await this.#keepLot(records, first);
        await records.close();
      },
    };
  }

  /** How many of these people are here. */
  holding(identifiers: ByteRows): number {
    const tags = this.#tags(identifiers);
    const buckets = new Buckets(tags);
    let held = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const people = buckets.people(bucket);
      if (people.length === 0) continue;
      const records = new Records(this.#read(bucket));
      for (const person of people) if (records.find(wordsOf(tags), person * TAG_WORDS)) held++;
    }
    return held;
  }

  /** Removes people. Returns how many were there. */
  remove(identifiers: ByteRows): number {
    const tags = this.#tags(identifiers);
    const buckets = new Buckets(tags);
    let removed = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const people = buckets.people(bucket);
      if (people.length === 0) continue;
      const records = this.#read(bucket);
      const kept = new Records(records).without(tags, people);
      removed += (records.length - kept.length) / RECORD_BYTES;
      if (kept.length < records.length) this.#rewrite(bucket, kept);
    }
    return removed;
  }

  /** Records of row and pseudonym of those asked for that are here; the others are marked as missing. */
  #lookUp(bucket: number, asked: Uint32Array, isMissing: Uint8Array): Uint32Array {
    const records = new Records(this.#read(bucket));
    const found = new Uint32Array((asked.length / ASKED_WORDS) * PSEUDONYM_WORDS);
    let next = 0;
    for (let at = 0; at < asked.length; at += ASKED_WORDS) {
      const row = asked[at + TAG_WORDS]!;
      const pseudonym = records.find(asked, at);
      if (pseudonym === undefined) {
        isMissing[row] = 1;
        continue;
      }
      found[next] = row;
      found.set(pseudonym, next + 1);
      next += PSEUDONYM_WORDS;
    }
    return found.subarray(0, next);
  }

  /** Some buckets' new records, in one transaction. */
  async #keepLot(records: StoredRecords, first: number): Promise<void> {
    const lot: [bucket: number, records: Uint8Array][] = [];
    for (let bucket = first; bucket < first + BUCKETS_AT_ONCE; bucket++) {
      if (records.count(bucket) > 0)
        lot.push([bucket, new Uint8Array((await records.slice(0, Infinity, bucket)).buffer)]);
    }
    this.#store.transaction(() => {
      for (const [bucket, added] of lot) this.#append(bucket, added);
    });
    await setImmediate();
  }

  #tags(identifiers: ByteRows): Uint8Array {
    return tagsOf(this.#vault.key(PERSON), identifiers, this.#hashRows);
  }

  /** All records of a bucket. */
  #read(bucket: number): Uint8Array {
    const rows = this.#store.all<{ part: number; sealed: Uint8Array }>(
      "SELECT part, sealed FROM pseudonyms WHERE cache = ? AND bucket = ? ORDER BY part",
      this.#id,
      bucket,
    );
    const parts = rows.map(({ part, sealed }) => this.#vault.open(RECORDS, [bucket, part], sealed));
    return parts.length === 1 ? parts[0]! : packRows(parts).bytes;
  }

  #append(bucket: number, records: Uint8Array): void {
    const { parts } = this.#store.get<{ parts: number }>(
      "SELECT coalesce(max(part) + 1, 0) AS parts FROM pseudonyms WHERE cache = ? AND bucket = ?",
      this.#id,
      bucket,
    )!;
    if (parts < PARTS_MAX) this.#insert(bucket, parts, records);
    else this.#rewrite(bucket, packRows([this.#read(bucket), records]).bytes);
  }

  #rewrite(bucket: number, records: Uint8Array): void {
    this.#store.run("DELETE FROM pseudonyms WHERE cache = ? AND bucket = ?", this.#id, bucket);
    if (records.length > 0) this.#insert(bucket, 0, records);
  }

  #insert(bucket: number, part: number, records: Uint8Array): void {
    this.#store.run(
      "INSERT INTO pseudonyms (cache, bucket, part, sealed) VALUES (?, ?, ?, ?)",
      this.#id,
      bucket,
      part,
      this.#vault.seal(RECORDS, [bucket, part], records),
    );
  }
}

/** For each row so many words of `left`, then so many of `right`. */
function beside(left: Uint8Array, leftWords: number, right: Uint32Array, rightWords: number): Uint32Array {
  const from = wordsOf(left);
  const width = leftWords + rightWords;
  const both = new Uint32Array((from.length / leftWords) * width);
  for (let row = 0, at = 0; at < both.length; row++, at += width) {
    for (let word = 0; word < leftWords; word++) both[at + word] = from[row * leftWords + word]!;
    for (let word = 0; word < rightWords; word++)
      both[at + leftWords + word] = right[row * rightWords + word]!;
  }
  return both;
}

function bucketsOf(tags: Uint8Array): Uint16Array {
  return Uint16Array.from({ length: tags.length / TAG_BYTES }, (_, row) => bucketOf(tags, row));
}

/** The indices of ones, ascending. */
function numbersOf(flags: Uint8Array): Uint32Array {
  const numbers = new Uint32Array(flags.reduce((sum, flag) => sum + flag, 0));
  let next = 0;
  for (let i = 0; i < flags.length; i++) if (flags[i] === 1) numbers[next++] = i;
  return numbers;
}
