// People who opted out: they never enter a session and leave the caches. The list holds keyed hashes, which only this node
// can make, and no identifier.
import { rowAt, rowCount, type ByteRows } from "@halfroom/crypto";
import type { PseudonymCaches } from "../epochs/pseudonym-cache.ts";
import type { Store } from "../store/store.ts";
import type { Vault } from "../vault/vault.ts";

const PURPOSE = "suppress";

export class SuppressList {
  readonly #store: Store;
  readonly #vault: Vault;
  readonly #caches: PseudonymCaches;

  constructor(store: Store, vault: Vault, caches: PseudonymCaches) {
    this.#store = store;
    this.#vault = vault;
    this.#caches = caches;
  }

  /** Adds people by their encoded identifiers. Returns how many were not on the list yet. */
  add(identifiers: ByteRows, now: number): number {
    const added = this.#store.transaction(() => {
      let added = 0;
      for (const tag of this.#tags(identifiers)) {
        const sql = "INSERT INTO suppressed (tag, added_at) VALUES (?, ?) ON CONFLICT DO NOTHING";
        added += this.#store.run(sql, tag, now);
      }
      return added;
    });
    // A crash in between is mended by adding the same file again.
    this.#caches.remove(identifiers);
    return added;
  }

  /** Removes people from the caches who are out by another identifier. */
  forget(identifiers: ByteRows): void {
    this.#caches.remove(identifiers);
  }

  count(): number {
    return this.#store.get<{ people: number }>("SELECT count(*) AS people FROM suppressed")!.people;
  }

  /** The people who may enter a session, by number, ascending. */
  remaining(identifiers: ByteRows): Uint32Array {
    const people = Uint32Array.from({ length: rowCount(identifiers) }, (_, person) => person);
    if (this.count() === 0) return people;
    const listed = new Set<string>();
    for (const { tag } of this.#store.iterate<{ tag: Uint8Array }>("SELECT tag FROM suppressed")) {
      listed.add(keyOf(tag));
    }
    const tags = this.#tags(identifiers);
    return people.filter(() => !listed.has(keyOf(tags.next().value!)));
  }

  *#tags(identifiers: ByteRows): Generator<Uint8Array, undefined> {
    for (let i = 0; i < rowCount(identifiers); i++) yield this.#vault.tag(PURPOSE, rowAt(identifiers, i));
  }
}

function keyOf(tag: Uint8Array): string {
  return Buffer.from(tag.buffer, tag.byteOffset, tag.length).toString("latin1");
}
