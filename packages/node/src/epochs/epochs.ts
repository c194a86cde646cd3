// One OPRF key per partner and epoch, and how often it was used for that partner. When an epoch ends its secret key is deleted,
// and nobody can evaluate under it again.
import type { GroupKernel, Rng } from "@halfroom/crypto";
import { derivePublicKey, generateKey } from "@halfroom/match";
import { ProtocolError } from "@halfroom/wire";
import type { Store } from "../store/store.ts";
import type { Vault } from "../vault/vault.ts";
import { DAY_MS } from "../time.ts";

export interface Epoch {
  readonly partner: string;
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
  readonly partner: string;
  readonly epoch: number;
  /** The session id in hex; each session is granted evaluations once. */
  readonly session: string;
  readonly evaluations: number;
  /** The policy's bound for the whole epoch. */
  readonly evaluationsMax: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const EPOCH_DAYS = 30;
const SECRET = "epochs/oprf-key";

interface Row {
  number: number;
  started_at: number;
  ends_at: number;
  public_key: Uint8Array;
  secret_key: Uint8Array;
}

export class Epochs {
  readonly #store: Store;
  readonly #vault: Vault;

  /** The vault seals the secret keys. */
  constructor(store: Store, vault: Vault) {
    this.#store = store;
    this.#vault = vault;
  }

  /** The partner's running epoch; a new one, with a fresh key, if there is none. Errors: `damaged`. */
  current(partner: string, kernel: GroupKernel, rng: Rng, now: number, days = EPOCH_DAYS): Epoch {
    return this.#store.transaction(() => {
      const running = this.#running(partner, now);
      if (running !== undefined) return this.#open(partner, running);
      const secretKey = generateKey(kernel, rng);
      const epoch = {
        partner,
        number: this.#lastNumber(partner) + 1,
        startedAt: now,
        endsAt: now + days * DAY_MS,
        secretKey,
        publicKey: derivePublicKey(kernel, secretKey),
      };
      this.#insert(epoch);
      return epoch;
    });
  }

  /** Deletes the keys of epochs that have ended. Returns those epochs. */
  end(now: number): { partner: string; number: number }[] {
    const ended = this.#store.transaction(() => {
      const rows = this.#store.all<{ partner: string; number: number }>(
        "SELECT partner, number FROM epoch WHERE secret_key IS NOT NULL AND ends_at <= ?",
        now,
      );
      this.#store.run("UPDATE epoch SET secret_key = NULL WHERE ends_at <= ?", now);
      return rows.map((row) => ({ ...row }));
    });
    if (ended.length > 0) this.#store.forgetDeleted();
    return ended;
  }

  /** Evaluations granted in the partner's running epoch. */
  granted(partner: string, now: number): number {
    const running = this.#running(partner, now);
    return running === undefined ? 0 : this.#grantedIn(partner, running.number);
  }

  /**
   * Counts a session's evaluations before the first is made, so that a crash can only over-count.
   * Errors: `refused`, if they exceed the bound, or if the session has been granted evaluations before.
   */
  grant({ partner, epoch, session, evaluations, evaluationsMax, now }: Grant): void {
    this.#store.transaction(() => {
      const left = evaluationsMax - this.#grantedIn(partner, epoch);
      if (evaluations > left) {
        throw new ProtocolError(
          "refused",
          `the partner asks for ${evaluations} evaluations, and ${Math.max(0, left)} are left in this key epoch`,
        );
      }
      const added = this.#store.run(
        `INSERT INTO evaluation (partner, epoch, session, evaluations, granted_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING`,
        partner,
        epoch,
        session,
        evaluations,
        now,
      );
      if (added === 0)
        throw new ProtocolError("refused", "this session has been granted its evaluations before");
    });
  }

  #running(partner: string, now: number): Row | undefined {
    return this.#store.get<Row>(
      `SELECT * FROM epoch WHERE partner = ? AND ends_at > ? AND secret_key IS NOT NULL
       ORDER BY number DESC LIMIT 1`,
      partner,
      now,
    );
  }

  #open(partner: string, row: Row): Epoch {
    return {
      partner,
      number: row.number,
      startedAt: row.started_at,
      endsAt: row.ends_at,
      secretKey: this.#vault.open(SECRET, [partner, row.number], row.secret_key),
      publicKey: row.public_key,
    };
  }

  #insert({ partner, number, startedAt, endsAt, secretKey, publicKey }: Epoch): void {
    this.#store.run(
      "INSERT INTO epoch (partner, number, started_at, ends_at, public_key, secret_key) VALUES (?, ?, ?, ?, ?, ?)",
      partner,
      number,
      startedAt,
      endsAt,
      publicKey,
      this.#vault.seal(SECRET, [partner, number], secretKey),
    );
  }

  #lastNumber(partner: string): number {
    const sql = "SELECT coalesce(max(number), 0) AS last FROM epoch WHERE partner = ?";
    return this.#store.get<{ last: number }>(sql, partner)!.last;
  }

  #grantedIn(partner: string, epoch: number): number {
    const sql =
      "SELECT coalesce(sum(evaluations), 0) AS granted FROM evaluation WHERE partner = ? AND epoch = ?";
    return this.#store.get<{ granted: number }>(sql, partner, epoch)!.granted;
  }
}
