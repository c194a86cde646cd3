// Who was in this side's data in earlier runs of a series that counts new people alone (protocol-spec.md, section 8.7): keyed tags of their
// items, under a secret of the series and of one key of the sender, which are deleted together. A run's people count as seen once its
// report is there.
import { randomBytes } from "node:crypto";
import {
  hashRows as hashRowsHere,
  packRows,
  piecesOf,
  rowCount,
  type ByteRows,
  type RowSource,
} from "@halfroom/crypto";
import { LACKING, type EncodedItems } from "@halfroom/prepare";
import type { NewPeople } from "@halfroom/session";
import { rowsOfPeople } from "../datasets/rows-of-people.ts";
import { Buckets, BUCKETS, bucketwise, Records, TAG_WORDS, wordsOf } from "../epochs/buckets.ts";
import { TAG_BYTES, tagsOf, type HashRows } from "../epochs/tags.ts";
import type { Store } from "../store/store.ts";
import { DAY_MS } from "../time.ts";
import { Vault, type Sealing } from "../vault/vault.ts";

const SECRET = "series/seen";
/** What is sealed here; the tags are under the secret. */
export const SEALED_SEEN = { table: "seen", column: "secret", context: ["series"], purpose: SECRET };
const TAGS = "tags";
const PERSON = "person";
const SECRET_BYTES = 32;
/** A session that began before the epoch's end may run beyond it, and two clocks differ. */
const GRACE_MS = DAY_MS;
/** A partner's claim about when its epoch ends is not trusted beyond this. */
const KEPT_MS_MAX = 366 * DAY_MS;

/** The session of a run that is to be told who is new. */
export interface SeenBy {
  /** The series id in hex. */
  readonly series: string;
  /** Of the session that is to make the run, as `SessionRow` has it. */
  readonly attempt: string;
  /** Of the sender, 32 bytes, and when its epoch ends. */
  readonly epochKey: Uint8Array;
  readonly endsAt: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly hashRows: HashRows;
}

interface SeenRow {
  id: number;
  series: string;
  epoch_key: Uint8Array;
  secret: Uint8Array;
}

interface SeenSet {
  readonly id: number;
  readonly series: string;
  readonly vault: Vault;
}

const WORKING = "('approved', 'preparing', 'agreed', 'running')";
/** Tags of sessions whose report is there. */
const OF_DONE_RUNS = `attempt IN (SELECT session.id FROM session JOIN series_run ON series_run.session = session.session
  WHERE series_run.series = ?3 AND series_run.state = 'done')`;

export class SeenPeople {
  readonly #store: Store;
  readonly #vault: Sealing;

  constructor(store: Store, vault: Sealing) {
    this.#store = store;
    this.#vault = vault;
  }

  /**
   * Which of the session's people, the first of the dataset, of `each` items a person, no earlier run under the same key had. Under
   * another key everybody is new. Errors: `damaged`.
   */
  async tell(by: SeenBy, items: EncodedItems, people: number, each: number): Promise<NewPeople> {
    const set = this.#open(by);
    const { identifiers } = items;
    const all = new Uint32Array(people * each);
    let count = 0;
    for await (const { rows } of rowsOfPeople(items, each, people))
      for (const row of rows) if (row !== LACKING) all[count++] = row;
    const rows = all.subarray(0, count);
    const tags = await tagsOfAll(set.vault.key(PERSON), identifiers, by.hashRows);
    const isSeen = await this.#seen(set, tags, rows, identifiers.count);
    const isNew = new Uint8Array(people).fill(1);
    for await (const piece of rowsOfPeople(items, each, people))
      for (const [i, row] of piece.rows.entries())
        if (isSeen[row] === 1) isNew[piece.first + Math.floor(i / each)] = 0;
    const added = rows.filter((row) => isSeen[row] === 0);
    return { isNew, keep: () => this.#keep(set.id, set.vault, by.attempt, tags, added) };
  }

  /** Forgets sets whose epoch has ended, and those of series that have no run to come. Returns how many. */
  end(now: number): number {
    const ended = this.#store.run(
      `DELETE FROM seen WHERE ends_at <= ? OR series IN (SELECT id FROM series WHERE ended_at IS NOT NULL
       OR NOT EXISTS (SELECT 1 FROM series_run WHERE series = series.id AND state = 'open'))`,
      now - GRACE_MS,
    );
    if (ended > 0) this.#store.forgetDeleted();
    return ended;
  }

  count(): number {
    return this.#store.get<{ sets: number }>("SELECT count(*) AS sets FROM seen")!.sets;
  }

  /** In which series these people were seen: how many of the identifiers, by the series id in hex. */
  async holding(identifiers: ByteRows): Promise<{ readonly series: string; readonly people: number }[]> {
    const held = [];
    for (const row of this.#sets()) {
      const set = this.#set(row);
      const tags = tagsOf(set.vault.key(PERSON), identifiers, hashRowsHere);
      const rows = Uint32Array.from({ length: rowCount(identifiers) }, (_, i) => i);
      const isSeen = await this.#seen(set, tags, rows, rows.length, true);
      const people = isSeen.reduce((sum, flag) => sum + flag, 0);
      if (people > 0) held.push({ series: row.series, people });
    }
    return held;
  }

  /** Removes people from every set. */
  remove(identifiers: ByteRows): void {
    const removed = this.#store.transaction(() =>
      this.#sets().reduce((count, row) => count + this.#removeFrom(this.#set(row), identifiers), 0),
    );
    if (removed > 0) this.#store.forgetDeleted();
  }

  /** The set of the series under this key of the sender; one under another key is deleted. */
  #open({ series, attempt, epochKey, endsAt, now }: SeenBy): SeenSet {
    const select = "SELECT id, series, epoch_key, secret FROM seen WHERE series = ?";
    const before = this.#store.get<SeenRow>(select, series);
    if (before !== undefined && Buffer.compare(before.epoch_key, epochKey) === 0) {
      this.#forgetFailed(before, attempt);
      return this.#set(before);
    }
    this.#store.transaction(() => {
      this.#store.run("DELETE FROM seen WHERE series = ?", series);
      this.#store.run(
        "INSERT INTO seen (series, epoch_key, ends_at, secret) VALUES (?, ?, ?, ?)",
        series,
        epochKey,
        Math.min(endsAt, now + KEPT_MS_MAX),
        this.#vault.seal(SECRET, [series], randomBytes(SECRET_BYTES)),
      );
    });
    if (before !== undefined) this.#store.forgetDeleted();
    return this.#set(this.#store.get<SeenRow>(select, series)!);
  }

  /** What sessions left that failed before they took the run's budget. */
  #forgetFailed({ id, series }: SeenRow, attempt: string): void {
    this.#store.run(
      `DELETE FROM seen_tags WHERE seen = ? AND attempt <> ? AND attempt NOT IN (SELECT id FROM session WHERE state IN ${WORKING}
       OR session IN (SELECT session FROM series_run WHERE series = ? AND session IS NOT NULL))`,
      id,
      attempt,
      series,
    );
  }

  #sets(): SeenRow[] {
    return this.#store.all<SeenRow>("SELECT id, series, epoch_key, secret FROM seen");
  }

  #set({ id, series, secret }: SeenRow): SeenSet {
    return { id, series, vault: Vault.ofSecret(this.#vault.open(SECRET, [series], secret)) };
  }

  /** A flag for each of `count` identifiers: 1 for those of `rows` that are among the tags of runs that are done, or of all. */
  async #seen(
    { id, series, vault }: SeenSet,
    tags: Uint8Array,
    rows: Uint32Array,
    count: number,
    ofAll = false,
  ): Promise<Uint8Array> {
    const isSeen = new Uint8Array(count);
    const words = wordsOf(tags);
    const buckets = new Buckets(tags, rows);
    await bucketwise((bucket) => {
      const here = buckets.people(bucket);
      if (here.length === 0) return;
      const parts = this.#store
        .all<{ attempt: string; sealed: Uint8Array }>(
          `SELECT attempt, sealed FROM seen_tags WHERE seen = ?1 AND bucket = ?2 AND (?3 IS NULL OR ${OF_DONE_RUNS})`,
          id,
          bucket,
          ofAll ? null : series,
        )
        .map(({ attempt, sealed }) => vault.open(TAGS, [attempt, bucket], sealed));
      const records = new Records(packRows(parts).bytes, TAG_BYTES);
      for (const row of here) if (records.has(words, row * TAG_WORDS)) isSeen[row] = 1;
    });
    return isSeen;
  }

  /** A set that was deleted meanwhile, because nothing comes after this run, stays so. */
  async #keep(id: number, vault: Vault, attempt: string, tags: Uint8Array, rows: Uint32Array): Promise<void> {
    const buckets = new Buckets(tags, rows);
    await bucketwise((bucket) => {
      const here = buckets.people(bucket);
      if (here.length === 0) return;
      const records = new Uint8Array(here.length * TAG_BYTES);
      here.forEach((row, i) =>
        records.set(tags.subarray(row * TAG_BYTES, (row + 1) * TAG_BYTES), i * TAG_BYTES),
      );
      this.#store.run(
        "INSERT OR REPLACE INTO seen_tags (seen, attempt, bucket, sealed) SELECT id, ?, ?, ? FROM seen WHERE id = ?",
        attempt,
        bucket,
        vault.seal(TAGS, [attempt, bucket], records),
        id,
      );
    }, this.#store);
  }

  #removeFrom({ id, vault }: SeenSet, identifiers: ByteRows): number {
    const tags = tagsOf(vault.key(PERSON), identifiers, hashRowsHere);
    const buckets = new Buckets(tags);
    let removed = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const here = buckets.people(bucket);
      if (here.length === 0) continue;
      const parts = this.#store.all<{ attempt: string; sealed: Uint8Array }>(
        "SELECT attempt, sealed FROM seen_tags WHERE seen = ? AND bucket = ?",
        id,
        bucket,
      );
      for (const { attempt, sealed } of parts) {
        const records = vault.open(TAGS, [attempt, bucket], sealed);
        const kept = new Records(records, TAG_BYTES).without(tags, here);
        if (kept.length === records.length) continue;
        removed += (records.length - kept.length) / TAG_BYTES;
        this.#store.run(
          "UPDATE seen_tags SET sealed = ? WHERE seen = ? AND attempt = ? AND bucket = ?",
          vault.seal(TAGS, [attempt, bucket], kept),
          id,
          attempt,
          bucket,
        );
      }
    }
    return removed;
  }
}

/** 16 bytes for each row. */
async function tagsOfAll(key: Uint8Array, identifiers: RowSource, hashRows: HashRows): Promise<Uint8Array> {
  const tags = new Uint8Array(identifiers.count * TAG_BYTES);
  for await (const { start, rows } of piecesOf(identifiers))
    tags.set(tagsOf(key, rows, hashRows), start * TAG_BYTES);
  return tags;
}
