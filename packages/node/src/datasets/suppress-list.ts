// People who opted out: they enter no session and are removed from the caches and from what series have seen. The list holds keyed hashes that only this node
// can compute, and no identifiers.
import { piecesOf, rowAt, rowCount, type ByteRows, type RowSource } from "@halfroom/crypto";
import type { PseudonymCaches } from "../epochs/pseudonym-cache.ts";
import type { SeenPeople } from "../series/seen-people.ts";
import type { Store } from "../store/store.ts";
import type { NodeVault } from "../vault/node-vault.ts";

type Tagging = Pick<NodeVault, "tag">;

/** What one file added. An identifier has a hash for each set of rules under which a dataset may know it. */
export interface Addition {
  /** Milliseconds since 1970. */
  readonly addedAt: number;
  readonly hashes: number;
}

export class SuppressList {
  readonly #store: Store;
  readonly #vault: Tagging;
  readonly #caches: PseudonymCaches;
  readonly #seen: SeenPeople | undefined;
  readonly #adopted: SuppressList[] = [];

  constructor(store: Store, vault: Tagging, caches: PseudonymCaches, seen?: SeenPeople) {
    this.#store = store;
    this.#vault = vault;
    this.#caches = caches;
    this.#seen = seen;
  }

  /** Adds people by their encoded identifiers. Returns how many were not on the list yet, and how many kept pseudonyms were deleted. */
  add(identifiers: ByteRows, now: number): { readonly added: number; readonly pseudonyms: number } {
    const added = this.#store.transaction(() => {
      let added = 0;
      for (let i = 0; i < rowCount(identifiers); i++) {
        const sql = "INSERT INTO suppressed (tag, added_at) VALUES (?, ?) ON CONFLICT DO NOTHING";
        added += this.#store.run(sql, this.#tag(identifiers, i), now);
      }
      return added;
    });
    // After a crash in between, adding the same file again completes the work.
    return { added, pseudonyms: this.forget(identifiers) };
  }

  /** Takes people off the list by their encoded identifiers. Returns how many were on it. */
  remove(identifiers: ByteRows): number {
    return this.#store.transaction(() => {
      let removed = 0;
      for (let i = 0; i < rowCount(identifiers); i++)
        removed += this.#store.run("DELETE FROM suppressed WHERE tag = ?", this.#tag(identifiers, i));
      return removed;
    });
  }

  /** How many of these identifiers are on the list. */
  listed(identifiers: ByteRows): number {
    let listed = 0;
    for (let i = 0; i < rowCount(identifiers); i++) {
      const sql = "SELECT 1 FROM suppressed WHERE tag = ?";
      if (this.#store.get(sql, this.#tag(identifiers, i)) !== undefined) listed++;
    }
    return listed;
  }

  /** Keyed hashes by the moment they were added at, the oldest first. */
  additions(): Addition[] {
    const sql =
      "SELECT added_at AS addedAt, count(*) AS hashes FROM suppressed GROUP BY added_at ORDER BY added_at";
    return this.#store.all<{ addedAt: number; hashes: number }>(sql).map((row) => ({ ...row }));
  }

  /** Removes people from what is kept of them, also those who are left out because of another identifier. Returns how many kept pseudonyms were deleted. */
  forget(identifiers: ByteRows): number {
    this.#seen?.remove(identifiers);
    return this.#caches.remove(identifiers);
  }

  /** Leaves out the people on another node's list too. Only that node's key makes its hashes, so its list looks them up. */
  adopt(list: SuppressList): void {
    this.#adopted.push(list);
  }

  count(): number {
    return this.#store.get<{ people: number }>("SELECT count(*) AS people FROM suppressed")!.people;
  }

  /** Numbers of the rows whose people enter no session, ascending. */
  async listedRows(identifiers: RowSource): Promise<Uint32Array> {
    const lists = [this, ...this.#adopted].map((list) => ({ list, tags: list.#tags() }));
    const named = lists.filter(({ tags }) => tags.size > 0);
    const found: number[] = [];
    if (named.length === 0) return Uint32Array.from(found);
    for await (const { start, rows } of piecesOf(identifiers)) {
      for (let i = 0; i < rowCount(rows); i++)
        if (named.some(({ list, tags }) => tags.has(keyOf(list.#tag(rows, i))))) found.push(start + i);
    }
    return Uint32Array.from(found);
  }

  #tags(): Set<string> {
    const listed = new Set<string>();
    for (const { tag } of this.#store.iterate<{ tag: Uint8Array }>("SELECT tag FROM suppressed"))
      listed.add(keyOf(tag));
    return listed;
  }

  #tag(identifiers: ByteRows, person: number): Uint8Array {
    return this.#vault.tag(rowAt(identifiers, person));
  }
}

function keyOf(tag: Uint8Array): string {
  return Buffer.from(tag.buffer, tag.byteOffset, tag.length).toString("latin1");
}
