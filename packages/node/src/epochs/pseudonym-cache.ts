// Pseudonyms of one's own people, kept for the time of an epoch under the OPRF key that made them, so that a later session
// over the same people does no elliptic-curve work. At rest they are sealed, under a secret that is deleted with them.
import { randomBytes } from "node:crypto";
import { packRows, rowAt, type ByteRows } from "@halfroom/crypto";
import { OUTPUT_BYTES } from "@halfroom/match";
import type { Store } from "../store/store.ts";
import { Vault } from "../vault/vault.ts";
import { byBucket, indexRecords, RECORD_BYTES, TAG_BYTES, tagKey, tagsOf } from "./buckets.ts";

const SECRET = "epochs/cache";
const RECORDS = "records";
const SECRET_BYTES = 32;
/** A bucket that was added to so often is written anew as one part. */
const PARTS_MAX = 8;
/** A partner's word on when its epoch ends is not trusted beyond this. */
const KEPT_DAYS_MAX = 366;
const DAY_MS = 86_400_000;

interface CacheRow {
  id: number;
  partner: string;
  secret: Uint8Array;
}

/** What is known of some people: pseudonyms people x 64 bytes, zero for the missing ones, whose numbers ascend. */
export interface Known {
  readonly pseudonyms: Uint8Array;
  readonly missing: Uint32Array;
}

/** All caches of a node. */
export class PseudonymCaches {
  readonly #store: Store;
  readonly #vault: Vault;

  constructor(store: Store, vault: Vault) {
    this.#store = store;
    this.#vault = vault;
  }

  /**
   * The cache for pseudonyms under the OPRF key with `publicKey` (one's own as a sender, the partner's as a receiver); it is
   * begun if there is none. Errors: `VaultError`.
   */
  open(partner: string, publicKey: Uint8Array, endsAt: number, now: number): PseudonymCache {
    return this.#store.transaction(() => {
      const select = "SELECT id, partner, secret FROM cache WHERE partner = ? AND public_key = ?";
      const known = this.#store.get<CacheRow>(select, partner, publicKey);
      if (known !== undefined) return this.#cache(known);
      const sealed = this.#vault.seal(SECRET, [partner], randomBytes(SECRET_BYTES));
      this.#store.run(
        "INSERT INTO cache (partner, public_key, ends_at, secret) VALUES (?, ?, ?, ?)",
        partner,
        publicKey,
        Math.min(endsAt, now + KEPT_DAYS_MAX * DAY_MS),
        sealed,
      );
      return this.#cache(this.#store.get<CacheRow>(select, partner, publicKey)!);
    });
  }

  /** Deletes the caches of epochs that have ended. Returns how many. */
  end(now: number): number {
    const ended = this.#store.run("DELETE FROM cache WHERE ends_at <= ?", now);
    if (ended > 0) this.#store.forgetDeleted();
    return ended;
  }

  /** Removes people from every cache. Returns how many records went. */
  remove(identifiers: ByteRows): number {
    const removed = this.#store.transaction(() =>
      this.#store
        .all<CacheRow>("SELECT id, partner, secret FROM cache")
        .reduce((count, row) => count + this.#cache(row).remove(identifiers), 0),
    );
    if (removed > 0) this.#store.forgetDeleted();
    return removed;
  }

  #cache({ id, partner, secret }: CacheRow): PseudonymCache {
    return new PseudonymCache(this.#store, id, Vault.ofSecret(this.#vault.open(SECRET, [partner], secret)));
  }
}

export class PseudonymCache {
  readonly #store: Store;
  readonly #id: number;
  readonly #vault: Vault;

  /** Only `PseudonymCaches` makes one. */
  constructor(store: Store, id: number, vault: Vault) {
    this.#store = store;
    this.#id = id;
    this.#vault = vault;
  }

  /** The pseudonyms of people, given by their encoded identifiers. Errors: `VaultError`. */
  find(identifiers: ByteRows): Known {
    const tags = tagsOf(this.#vault, identifiers);
    const pseudonyms = new Uint8Array((tags.length / TAG_BYTES) * OUTPUT_BYTES);
    const missing: number[] = [];
    for (const [bucket, people] of byBucket(tags)) {
      const records = this.#read(bucket);
      const index = indexRecords(records);
      for (const person of people) {
        const at = index.get(tagKey(tags, person * TAG_BYTES));
        if (at === undefined) missing.push(person);
        else pseudonyms.set(records.subarray(at + TAG_BYTES, at + RECORD_BYTES), person * OUTPUT_BYTES);
      }
    }
    return { pseudonyms, missing: Uint32Array.from(missing).sort() };
  }

  /** Keeps the pseudonyms (people x 64 bytes, in the order of `identifiers`) of people who had none. */
  add(identifiers: ByteRows, pseudonyms: Uint8Array): void {
    const tags = tagsOf(this.#vault, identifiers);
    this.#store.transaction(() => {
      for (const [bucket, people] of byBucket(tags)) {
        const records = new Uint8Array(people.length * RECORD_BYTES);
        people.forEach((person, i) => {
          records.set(tags.subarray(person * TAG_BYTES, (person + 1) * TAG_BYTES), i * RECORD_BYTES);
          const from = person * OUTPUT_BYTES;
          const pseudonym = pseudonyms.subarray(from, from + OUTPUT_BYTES);
          records.set(pseudonym, i * RECORD_BYTES + TAG_BYTES);
        });
        this.#append(bucket, records);
      }
    });
  }

  /** Removes people. Returns how many were there. */
  remove(identifiers: ByteRows): number {
    const tags = tagsOf(this.#vault, identifiers);
    let removed = 0;
    for (const [bucket, people] of byBucket(tags)) {
      const gone = new Set(people.map((person) => tagKey(tags, person * TAG_BYTES)));
      const records = this.#read(bucket);
      const kept = splitRecords(records).filter((record) => !gone.has(tagKey(record, 0)));
      removed += records.length / RECORD_BYTES - kept.length;
      if (kept.length * RECORD_BYTES < records.length) this.#rewrite(bucket, packRows(kept).bytes);
    }
    return removed;
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

function splitRecords(records: Uint8Array): Uint8Array[] {
  const offsets = Uint32Array.from({ length: records.length / RECORD_BYTES + 1 }, (_, i) => i * RECORD_BYTES);
  const rows = { bytes: records, offsets };
  return Array.from({ length: offsets.length - 1 }, (_, i) => rowAt(rows, i));
}
