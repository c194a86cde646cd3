// Open invitations: each for one use by one partner, until it expires.
import { timingSafeEqual } from "node:crypto";
import { systemRng } from "@halfroom/crypto";
import { ProtocolError } from "@halfroom/wire";
import type { Store } from "../store/store.ts";
import { Partners, type Met, type Partner } from "./partners.ts";
import { invitationId } from "./proofs.ts";

const SECRET_BYTES = 32;

interface Row {
  id: Uint8Array;
  secret: Uint8Array;
  name: string;
  expires_at: number;
  used_by: string | null;
}

export class Invitations {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Opens an invitation for a partner who will be called `name`. Returns its secret, 32 bytes. Errors: `name`, `name-taken`. */
  open(name: string, expiresAt: number): Uint8Array {
    const secret = systemRng.bytes(SECRET_BYTES);
    this.#store.transaction(() => {
      new Partners(this.#store).assertFree(name, "");
      this.#store.run("DELETE FROM invitation WHERE name = ? AND used_by IS NULL", name);
      this.#store.run(
        "INSERT INTO invitation (id, secret, name, expires_at) VALUES (?, ?, ?, ?)",
        invitationId(secret),
        secret,
        name,
        expiresAt,
      );
    });
    return secret;
  }

  /** What those are called who are invited and have not joined. */
  names(now: number): string[] {
    const sql = "SELECT name FROM invitation WHERE used_by IS NULL AND expires_at > ? ORDER BY name";
    return this.#store.all<{ name: string }>(sql, now).map(({ name }) => name);
  }

  /** Those that nobody has used, and when they expire in milliseconds since 1970. */
  unused(now: number): { readonly name: string; readonly expiresAt: number }[] {
    const sql =
      "SELECT name, expires_at AS expiresAt FROM invitation WHERE used_by IS NULL AND expires_at > ? ORDER BY name";
    return this.#store.all<{ name: string; expiresAt: number }>(sql, now);
  }

  /** Whether a stranger may connect to join: some invitation has not expired, used or not. */
  anyOpen(now: number): boolean {
    return this.#store.get("SELECT 1 FROM invitation WHERE expires_at > ? LIMIT 1", now) !== undefined;
  }

  /**
   * Redeems the invitation and pins the guest, all or nothing. `prove` checks the guest against the secret and throws if it
   * is not the one invited. Errors: `refused`, for an unknown or expired invitation; `replayed`, for one that another guest
   * has used.
   */
  redeem(
    id: Uint8Array,
    fingerprint: string,
    now: number,
    prove: (secret: Uint8Array) => Omit<Met, "name" | "pinnedAt">,
  ): Partner & { readonly secret: Uint8Array } {
    return this.#store.transaction(() => {
      const row = this.#store.get<Row>("SELECT * FROM invitation WHERE id = ?", id);
      if (row === undefined || !timingSafeEqual(row.id, id) || row.expires_at <= now) {
        throw new ProtocolError("refused", "an unknown or expired invitation");
      }
      const guest = prove(row.secret);
      if (row.used_by !== null && row.used_by !== fingerprint) {
        throw new ProtocolError("replayed", "an invitation that has been used before");
      }
      const partner = new Partners(this.#store).pin({ ...guest, name: row.name, pinnedAt: now });
      this.#store.run("UPDATE invitation SET used_by = ? WHERE id = ?", fingerprint, id);
      return { ...partner, secret: row.secret };
    });
  }

  /** Deletes invitations that can no longer be used. */
  forgetExpired(now: number): void {
    this.#store.run("DELETE FROM invitation WHERE expires_at <= ?", now);
  }
}
