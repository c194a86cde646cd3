// This node's certificates over time, by which old agreements and backups are recognised, and the one that is to take today's place.
import { keyFingerprint } from "@halfroom/session";
import { OperatorError } from "../errors.ts";
import type { NodeFolder } from "../store/folder.ts";
import type { Store } from "../store/store.ts";
import type { SealedColumn } from "../vault/reseal.ts";
import type { Sealing } from "../vault/vault.ts";
import { identityOf, replaceIdentity, type Identity } from "./identity.ts";
import type { IdentityFiles } from "./make-identity.ts";

const PURPOSE = "identity/next";
/** What is sealed here. */
export const SEALED_IDENTITIES: SealedColumn = {
  table: "own_identity",
  column: "sealed",
  context: ["fingerprint"],
  purpose: PURPOSE,
};

export interface WaitingIdentity {
  /** Of its certificate, 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** Whether the signing key is another one too. */
  readonly isOtherIdentity: boolean;
  /** Since when it waits, in milliseconds since 1970. */
  readonly since: number;
}

export interface NextIdentity extends WaitingIdentity {
  readonly identity: Identity;
}

interface Row {
  fingerprint: string;
  signing_key: Uint8Array;
  since: number;
  sealed: Uint8Array | null;
}

export class OwnIdentities {
  readonly #folder: NodeFolder;
  readonly #store: Store;
  readonly #vault: Sealing;

  constructor(folder: NodeFolder, store: Store, vault: Sealing) {
    this.#folder = folder;
    this.#store = store;
    this.#vault = vault;
  }

  /** Notes the first identity of a node, that of an earlier version included. `now` in milliseconds since 1970. */
  begin({ fingerprint, signingKey }: Identity, now: number): void {
    const isDone = () => this.#rowIn("current", "switching") !== undefined;
    // Whoever only reads need not wait for another process that writes.
    if (isDone()) return;
    this.#store.transaction(() => {
      if (isDone()) return;
      const sql =
        "INSERT INTO own_identity (fingerprint, signing_key, state, since) VALUES (?, ?, 'current', ?)";
      this.#store.run(sql, fingerprint, signingKey, now);
    });
  }

  /** The fingerprint of the first certificate: names the node, whichever it has today. Undefined before `begin`. */
  get nodeId(): string | undefined {
    const sql = "SELECT fingerprint FROM own_identity ORDER BY number LIMIT 1";
    return this.#store.get<{ fingerprint: string }>(sql)?.fingerprint;
  }

  /** Of today's certificate. */
  get fingerprint(): string | undefined {
    return this.#rowIn("current")?.fingerprint;
  }

  /** Since when the node has today's signing key, in milliseconds since 1970. */
  get since(): number {
    const sql =
      "SELECT min(since) AS since FROM own_identity WHERE state <> 'next' AND signing_key = (SELECT signing_key FROM own_identity WHERE state IN ('current', 'switching'))";
    return this.#store.get<{ since: number | null }>(sql)?.since ?? 0;
  }

  /** The public key, 32 bytes, that has this fingerprint in an agreement; undefined if it was never this node's. */
  keyWith(fingerprint: Uint8Array): Uint8Array | undefined {
    const rows = this.#store.all<{ key: Uint8Array }>("SELECT DISTINCT signing_key AS key FROM own_identity");
    return rows.map(({ key }) => key).find((key) => Buffer.compare(keyFingerprint(key), fingerprint) === 0);
  }

  /** What waits to take today's place, without its keys. */
  waiting(): WaitingIdentity | undefined {
    const row = this.#rowIn("next");
    return row && this.#waitingOf(row);
  }

  /** What waits to take today's place. Errors: `damaged`. */
  next(): NextIdentity | undefined {
    const row = this.#rowIn("next");
    return row && { ...this.#waitingOf(row), identity: identityOf(this.#folder, this.#filesOf(row)) };
  }

  #waitingOf({ fingerprint, signing_key, since }: Row): WaitingIdentity {
    const today = this.#rowIn("current");
    const isOtherIdentity = today === undefined || Buffer.compare(today.signing_key, signing_key) !== 0;
    return { fingerprint, isOtherIdentity, since };
  }

  /** Keeps what is to take today's place. */
  prepare(files: IdentityFiles, now: number): void {
    const { fingerprint, signingKey } = identityOf(this.#folder, files);
    this.#store.transaction(() => {
      if (this.#rowIn("next") !== undefined) return;
      this.#store.run(
        "INSERT INTO own_identity (fingerprint, signing_key, state, since, sealed) VALUES (?, ?, 'next', ?, ?)",
        fingerprint,
        signingKey,
        now,
        this.#vault.seal(PURPOSE, [fingerprint], Buffer.from(JSON.stringify(files), "utf8")),
      );
    });
  }

  /** Puts what waits in today's place; `record` runs in the transaction that decides it. Errors: `folder`: then the next start does the rest. */
  switch(now: number, record: () => void): void {
    this.#store.transaction(() => {
      this.#store.run("UPDATE own_identity SET state = 'past' WHERE state = 'current'");
      this.#store.run("UPDATE own_identity SET state = 'switching', since = ? WHERE state = 'next'", now);
      record();
    });
    this.finishSwitch();
  }

  /** What was decided is done: the files are replaced, and nothing sealed is left of them. A start after a crash repeats it. */
  finishSwitch(): void {
    const row = this.#rowIn("switching");
    if (row === undefined) return;
    if (this.#store.isReadOnly)
      throw new OperatorError(
        "folder",
        `Cannot put the node's next keys in place: the file system of ${this.#folder.path} is read-only; open the node once where it can be written.`,
      );
    replaceIdentity(this.#folder, this.#filesOf(row));
    this.#store.run(
      "UPDATE own_identity SET state = 'current', sealed = NULL WHERE fingerprint = ? AND state = 'switching'",
      row.fingerprint,
    );
    this.#store.forgetDeleted();
  }

  #filesOf({ fingerprint, sealed }: Row): IdentityFiles {
    const text = this.#vault.open(PURPOSE, [fingerprint], sealed!);
    return JSON.parse(Buffer.from(text).toString("utf8")) as IdentityFiles;
  }

  #rowIn(...states: readonly string[]): Row | undefined {
    const marks = states.map(() => "?").join(", ");
    return this.#store.get<Row>(`SELECT * FROM own_identity WHERE state IN (${marks})`, ...states);
  }
}
