// One OPRF key per partner and epoch, of one suite, and how often it was used for that partner. When an epoch ends its secret key is deleted,
// and nobody can evaluate under it again.
import type { GroupKernel, Rng } from "@halfroom/crypto";
import { derivePublicKey, generateKey, OPRF_SUITE } from "@halfroom/match";
import { ProtocolError } from "@halfroom/wire";
import type { Owner } from "../partners/partners.ts";
import type { Total } from "../ledger/totals.ts";
import type { Store } from "../store/store.ts";
import type { Sealing } from "../vault/vault.ts";
import { DAY_MS } from "../time.ts";

export interface Epoch {
  /** Under its name when the epoch began. */
  readonly partner: Owner;
  /** From 1. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endsAt: number;
  /** The OPRF's secret scalar, 32 bytes, and public key, 32 bytes. */
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** OPRF evaluations that the partner asks for in one session. */
export interface Grant {
  /** The partner's signing key in hex. */
  readonly partnerKey: string;
  readonly epoch: number;
  /** The session id in hex; each session is granted evaluations once. */
  readonly session: string;
  readonly evaluations: number;
  /** The policy's bound for the whole epoch. */
  readonly evaluationsMax: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Evaluations that a session was granted. */
export type Granted = Pick<Grant, "partnerKey" | "epoch" | "session" | "evaluations">;

/** How long the key of an epoch is used. */
export const EPOCH_DAYS = 30;
const SECRET = "epochs/oprf-key";
/** What is sealed here. */
export const SEALED_KEYS = {
  table: "epoch",
  column: "secret_key",
  context: ["name", "number"],
  purpose: SECRET,
};

interface Row {
  name: string;
  number: number;
  started_at: number;
  ends_at: number;
  public_key: Uint8Array;
  secret_key: Uint8Array;
}

export class Epochs {
  readonly #store: Store;
  readonly #vault: Sealing;

  /** The vault seals the secret keys. */
  constructor(store: Store, vault: Sealing) {
    this.#store = store;
    this.#vault = vault;
  }

  /** The partner's running epoch; a new one, with a fresh key, if there is none. Errors: `damaged`. */
  current(partner: Owner, kernel: GroupKernel, rng: Rng, now: number, days = EPOCH_DAYS): Epoch {
    return this.#store.transaction(() => {
      const running = this.#running(partner.key, now);
      if (running !== undefined) return this.#open(partner.key, running);
      const secretKey = generateKey(kernel, rng);
      const epoch = {
        partner,
        number: this.#lastNumber(partner.key) + 1,
        startedAt: now,
        endsAt: now + days * DAY_MS,
        secretKey,
        publicKey: derivePublicKey(kernel, secretKey),
      };
      this.#insert(epoch);
      return epoch;
    });
  }

  /** Deletes the keys of epochs that have ended. Returns those epochs, with the partner's name when they began. */
  end(now: number): { partner: string; number: number }[] {
    const ended = this.#store.transaction(() => {
      const rows = this.#store.all<{ partner: string; number: number }>(
        "SELECT name AS partner, number FROM epoch WHERE secret_key IS NOT NULL AND ends_at <= ?",
        now,
      );
      this.#store.run("UPDATE epoch SET secret_key = NULL WHERE ends_at <= ?", now);
      return rows.map((row) => ({ ...row }));
    });
    if (ended.length > 0) this.#store.forgetDeleted();
    return ended;
  }

  /** Ends the partner's running epoch before its time and deletes its key. Returns its number; undefined if none runs. */
  endRunning(partnerKey: string, now: number): number | undefined {
    const running = this.#running(partnerKey, now);
    if (running === undefined) return undefined;
    this.#store.run(
      "UPDATE epoch SET secret_key = NULL, ends_at = ? WHERE partner_key = ? AND number = ?",
      now,
      partnerKey,
      running.number,
    );
    this.#store.forgetDeleted();
    return running.number;
  }

  /** Those that run now, with the partner's name when they began, and when they end in milliseconds since 1970. */
  running(now: number): { readonly partner: string; readonly endsAt: number }[] {
    const sql =
      "SELECT name AS partner, ends_at AS endsAt FROM epoch WHERE suite = ? AND ends_at > ? AND secret_key IS NOT NULL ORDER BY name";
    return this.#store.all<{ partner: string; endsAt: number }>(sql, OPRF_SUITE, now);
  }

  /** Evaluations granted in the partner's running epoch. */
  granted(partnerKey: string, now: number): number {
    const running = this.#running(partnerKey, now);
    return running === undefined ? 0 : this.#grantedIn(partnerKey, running.number);
  }

  /**
   * Counts a session's evaluations before the first is made, so that a crash can only over-count.
   * Errors: `refused`, if they exceed the bound, or if the session has been granted evaluations before.
   */
  grant({ partnerKey, epoch, session, evaluations, evaluationsMax, now }: Grant): void {
    this.#store.transaction(() => {
      const left = evaluationsMax - this.#grantedIn(partnerKey, epoch);
      if (evaluations > left) {
        throw new ProtocolError(
          "refused",
          `the partner asks for ${evaluations} evaluations, and ${Math.max(0, left)} are left in this key epoch`,
        );
      }
      const added = this.#store.run(
        `INSERT INTO evaluation (partner_key, epoch, session, evaluations, granted_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING`,
        partnerKey,
        epoch,
        session,
        evaluations,
        now,
      );
      if (added === 0)
        throw new ProtocolError("refused", "this session has been granted its evaluations before");
    });
  }

  /** What a session, in hex, was granted. */
  grantOf(session: string): Granted | undefined {
    const sql =
      "SELECT partner_key AS partnerKey, epoch, session, evaluations FROM evaluation WHERE session = ?";
    return this.#store.get<Granted>(sql, session);
  }

  /** Sums of grants by partner and epoch, as SQLite keeps them: of all. */
  totals(): Total[] {
    const rows = this.#store.all<TotalRow>("SELECT * FROM evaluation_sum");
    return rows.map(toTotal);
  }

  /** The same, added up from the grants: of all, which reads them all, or of that of one session. */
  addedUp(session?: string): Total[] {
    const which = session === undefined ? "" : "WHERE session = ?";
    const rows = this.#store.all<TotalRow>(
      `SELECT partner_key, epoch, count(*) AS sessions, sum(evaluations) AS granted
       FROM evaluation ${which} GROUP BY partner_key, epoch`,
      ...(session === undefined ? [] : [session]),
    );
    return rows.map(toTotal);
  }

  /** Whether grants of 0.1 have a name that is gone where a signing key belongs. */
  hasNameless(): boolean {
    return this.#store.get("SELECT 1 FROM evaluation WHERE length(partner_key) < 64 LIMIT 1") !== undefined;
  }

  #running(partnerKey: string, now: number): Row | undefined {
    return this.#store.get<Row>(
      `SELECT * FROM epoch WHERE partner_key = ? AND suite = ? AND ends_at > ? AND secret_key IS NOT NULL
       ORDER BY number DESC LIMIT 1`,
      partnerKey,
      OPRF_SUITE,
      now,
    );
  }

  #open(key: string, row: Row): Epoch {
    return {
      partner: { key, name: row.name },
      number: row.number,
      startedAt: row.started_at,
      endsAt: row.ends_at,
      secretKey: this.#vault.open(SECRET, [row.name, row.number], row.secret_key),
      publicKey: row.public_key,
    };
  }

  #insert({ partner, number, startedAt, endsAt, secretKey, publicKey }: Epoch): void {
    this.#store.run(
      `INSERT INTO epoch (partner_key, name, number, suite, started_at, ends_at, public_key, secret_key)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      partner.key,
      partner.name,
      number,
      OPRF_SUITE,
      startedAt,
      endsAt,
      publicKey,
      this.#vault.seal(SECRET, [partner.name, number], secretKey),
    );
  }

  #lastNumber(partnerKey: string): number {
    const sql = "SELECT coalesce(max(number), 0) AS last FROM epoch WHERE partner_key = ?";
    return this.#store.get<{ last: number }>(sql, partnerKey)!.last;
  }

  #grantedIn(partnerKey: string, epoch: number): number {
    const sql = "SELECT granted FROM evaluation_sum WHERE partner_key = ? AND epoch = ?";
    return this.#store.get<{ granted: number }>(sql, partnerKey, epoch)?.granted ?? 0;
  }
}

interface TotalRow {
  readonly partner_key: string;
  readonly epoch: number;
  readonly sessions: number;
  readonly granted: number;
}

function toTotal({ partner_key, epoch, sessions, granted }: TotalRow): Total {
  return { group: [partner_key, epoch], sums: [sessions, granted] };
}
