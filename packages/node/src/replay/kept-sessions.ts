// What this node keeps of a session that can be replayed (protocol-spec.md, section 15.4): the record of its messages, which holds
// nothing secret, and this side's secrets, sealed to a key that the node does not have. Nothing of it is ever read to go on with a
// session.
import { encodeParts, systemRng } from "@halfroom/crypto";
import type { ReplaySecrets, StreamRecord } from "@halfroom/session";
import type { Store } from "../store/store.ts";
import { DAY_MS } from "../time.ts";
import { HPKE_KEY_BYTES, hpkeOpen, hpkeSeal, type HpkeContext } from "../vault/hpke.ts";
import { packValue, unpackValue } from "./pack.ts";
import { keptSchema, recordSchema } from "./shape.ts";

/** How long it is kept. */
export const REPLAY_DAYS = 30;

/** What is sealed. */
export interface KeptSecrets {
  readonly secrets: ReplaySecrets;
  /** Of the items of the whole dataset: the statement commits to those of the report alone. */
  readonly everybody: Uint8Array;
}

/** One kept session. */
export interface KeptSession {
  /** For the holder of the recovery key (`openSecrets`). */
  readonly sealed: Uint8Array;
  /** Empty if the process ended before the session did. */
  readonly record: readonly StreamRecord[];
  /** Milliseconds since 1970. */
  readonly keptAt: number;
}

export class KeptSessions {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Before the first message that depends on the secrets. `session`: the id in hex. */
  keep(session: string, recoveryKey: Uint8Array, secrets: KeptSecrets, now: number): void {
    this.#store.run(
      "INSERT INTO replay (session, sealed, kept_at) VALUES (?, ?, ?)",
      session,
      sealSecrets(session, recoveryKey, secrets),
      now,
    );
  }

  /** Once the session has ended, however it did. */
  record(session: string, record: readonly StreamRecord[]): void {
    this.#store.run("UPDATE replay SET record = ? WHERE session = ?", packValue(record), session);
  }

  get(session: string): KeptSession | undefined {
    const row = this.#store.get<{ sealed: Uint8Array; record: Uint8Array | null; kept_at: number }>(
      "SELECT sealed, record, kept_at FROM replay WHERE session = ?",
      session,
    );
    if (row === undefined) return undefined;
    const record = row.record === null ? [] : recordSchema.parse(unpackValue(row.record));
    return { sealed: row.sealed, record, keptAt: row.kept_at };
  }

  /** All that are kept, in hex. */
  sessions(): string[] {
    return this.#store
      .all<{ session: string }>("SELECT session FROM replay ORDER BY kept_at")
      .map(({ session }) => session);
  }

  /** Deletes these, whoever is to audit them. Returns how many. */
  forget(sessions: readonly string[]): number {
    const deleted = this.#store.transaction(() =>
      sessions.reduce((sum, each) => sum + this.#store.run("DELETE FROM replay WHERE session = ?", each), 0),
    );
    if (deleted > 0) this.#store.forgetDeleted();
    return deleted;
  }

  /** Deletes what is older than `REPLAY_DAYS`. Returns how many. */
  prune(now: number): number {
    const pruned = this.#store.run("DELETE FROM replay WHERE kept_at <= ?", now - REPLAY_DAYS * DAY_MS);
    if (pruned > 0) this.#store.forgetDeleted();
    return pruned;
  }
}

/** Bound to the session, so that one session's secrets are never taken for another's. */
function contextOf(session: string): HpkeContext {
  const info = encodeParts("replay/secrets", new Uint8Array(0), []);
  return { info, aad: Buffer.from(session, "hex") };
}

function sealSecrets(session: string, recoveryKey: Uint8Array, secrets: KeptSecrets): Uint8Array {
  return hpkeSeal(recoveryKey, contextOf(session), packValue(secrets), systemRng.bytes(HPKE_KEY_BYTES));
}

/** Undefined if `privateKey` is not the one that they were sealed to. */
export function openSecrets(
  session: string,
  privateKey: Uint8Array,
  sealed: Uint8Array,
): KeptSecrets | undefined {
  const opened = hpkeOpen(privateKey, contextOf(session), sealed);
  return opened && keptSchema.parse(unpackValue(opened));
}
