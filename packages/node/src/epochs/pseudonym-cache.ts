// Pseudonyms of this side's people, kept for an epoch under the OPRF key that made them, so that a later session over the same
// people needs no elliptic-curve work. At rest they are sealed under a secret that is deleted with them.
import { randomBytes } from "node:crypto";
import { hashRows as hashRowsHere, packRows, rowCount, type ByteRows } from "@halfroom/crypto";
import { OPRF_SUITE, OUTPUT_BYTES } from "@halfroom/match";
import type { Owner } from "../partners/partners.ts";
import type { Store } from "../store/store.ts";
import { Vault, type Sealing } from "../vault/vault.ts";
import { Buckets, BUCKETS, bucketwise, RECORD_BYTES, Records, recordsOf, wordsOf } from "./buckets.ts";
import { tagsOf, type HashRows } from "./tags.ts";
import { DAY_MS } from "../time.ts";

const SECRET = "epochs/cache";
/** What is sealed here; the pseudonyms are under the secret. */
export const SEALED_CACHES = { table: "cache", column: "secret", context: ["name"], purpose: SECRET };
const RECORDS = "records";
const PERSON = "person";
const SECRET_BYTES = 32;
const OUTPUT_WORDS = OUTPUT_BYTES / 4;
/** After this many additions a bucket is rewritten as one part. */
const PARTS_MAX = 8;
/** A partner's claim about when its epoch ends is not trusted beyond this. */
const KEPT_DAYS_MAX = 366;

interface CacheRow {
  id: number;
  /** The partner's name when the secret was sealed, to which it is bound. */
  name: string;
  secret: Uint8Array;
}

/** What is known about some people, and what it takes to keep the rest. */
export interface Known {
  /** People x 64 bytes; zero for the missing ones, which the caller fills in. */
  readonly pseudonyms: Uint8Array;
  /** Indices of people, ascending. */
  readonly missing: Uint32Array;
  /** People x 16 bytes. */
  readonly tags: Uint8Array;
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
  async holding(identifiers: ByteRows): Promise<{ readonly partner: string; readonly people: number }[]> {
    const held = [];
    for (const row of this.#store.all<CacheRow>("SELECT id, name, secret FROM cache")) {
      const { missing } = await this.#cache(row, hashRowsHere).find(identifiers);
      const people = rowCount(identifiers) - missing.length;
      if (people > 0) held.push({ partner: row.name, people });
    }
    return held;
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

  /** The pseudonyms of people, given by their encoded identifiers. Errors: `damaged`. */
  async find(identifiers: ByteRows): Promise<Known> {
    const tags = this.#tags(identifiers);
    const words = wordsOf(tags);
    const pseudonyms = new Uint32Array(rowCount(identifiers) * OUTPUT_WORDS);
    const isMissing = new Uint8Array(rowCount(identifiers));
    const buckets = new Buckets(tags);
    await bucketwise((bucket) => {
      const people = buckets.people(bucket);
      if (people.length === 0) return;
      const records = new Records(this.#read(bucket));
      for (const person of people) {
        if (!records.copy(words, person, pseudonyms)) isMissing[person] = 1;
      }
    });
    return { pseudonyms: new Uint8Array(pseudonyms.buffer), missing: numbersOf(isMissing), tags };
  }

  /** Stores the pseudonyms of the people who were missing, once the caller has filled them in. A crash loses some of these at worst. */
  async keep({ pseudonyms, missing, tags }: Known): Promise<void> {
    const buckets = new Buckets(tags, missing);
    await bucketwise((bucket) => {
      const people = buckets.people(bucket);
      if (people.length === 0) return;
      this.#append(bucket, recordsOf(people, wordsOf(tags), wordsOf(pseudonyms)));
    }, this.#store);
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

/** The indices of ones, ascending. */
function numbersOf(flags: Uint8Array): Uint32Array {
  const numbers = new Uint32Array(flags.reduce((sum, flag) => sum + flag, 0));
  let next = 0;
  for (let i = 0; i < flags.length; i++) if (flags[i] === 1) numbers[next++] = i;
  return numbers;
}
