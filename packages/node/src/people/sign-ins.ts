// Who is signed in. A browser holds a random secret, of which the node keeps the SHA-256 alone: whoever reads the store cannot act as
// anybody. A sign-in ends when nobody has used it for a while, at the latest after some hours, and whenever what it rests on changes.
import { createHash } from "node:crypto";
import { systemRng } from "@halfroom/crypto";
import type { ApiRole } from "../console/api-roles.ts";
import type { Store } from "../store/store.ts";
import { HOUR_MS } from "../time.ts";

/** NIST SP 800-63B, AAL2: 30 minutes without a sign of life, 12 hours in all. */
export const IDLE_MS = HOUR_MS / 2;
export const SIGN_IN_MS = 12 * HOUR_MS;
/** A sign of life is written down so often. */
const SEEN_MS = 60_000;
const SECRET_BYTES = 32;

/** By a password that this node keeps, or by OpenID Connect. */
export type Way = "password" | "openid";

/** Whoever acts on a node through its console. */
export interface Person {
  readonly way: Way;
  /** What the audit log calls them. */
  readonly name: string;
  /** Who they are, whatever they are called: unique among those who sign in this way, and never another one's. */
  readonly subject: string;
  readonly role: ApiRole;
}

export interface SignIn extends Person {
  /** Milliseconds since 1970, at the latest. */
  readonly endsAt: number;
}

/** One that lasts, as an administrator sees it. */
export interface LastingSignIn extends SignIn {
  /** Milliseconds since 1970. */
  readonly begunAt: number;
  /** The last sign of life, to the minute. */
  readonly seenAt: number;
}

interface Row {
  way: Way;
  name: string;
  subject: string;
  role: ApiRole;
  terms: string;
  seen_at: number;
  ends_at: number;
}

export class SignIns {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Returns the secret, which is kept nowhere. `terms`: what the sign-in rests on; it ends where that is another one. */
  begin({ way, name, subject, role }: Person, terms: string, now: number): string {
    const secret = Buffer.from(systemRng.bytes(SECRET_BYTES)).toString("base64url");
    this.#store.run(
      `INSERT INTO sign_in (digest, way, name, subject, role, terms, seen_at, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      digestOf(secret),
      way,
      name,
      subject,
      role,
      terms,
      now,
      now + SIGN_IN_MS,
    );
    return secret;
  }

  /** Undefined for one that is unknown, or has ended. `isAlive`: whether this is a sign of life. */
  find(
    secret: string,
    termsOf: (way: Way) => string,
    { now, isAlive }: { readonly now: number; readonly isAlive: boolean },
  ): SignIn | undefined {
    const digest = digestOf(secret);
    const row = this.#store.get<Row>("SELECT * FROM sign_in WHERE digest = ?", digest);
    if (row === undefined || hasEnded(row, now) || row.terms !== termsOf(row.way)) return undefined;
    if (isAlive && now - row.seen_at >= SEEN_MS)
      this.#store.inPassing(() =>
        this.#store.run("UPDATE sign_in SET seen_at = ? WHERE digest = ?", now, digest),
      );
    const { way, name, subject, role, ends_at: endsAt } = row;
    return { way, name, subject, role, endsAt };
  }

  /** Those that last, by name, the latest first. */
  list(termsOf: (way: Way) => string, now: number): LastingSignIn[] {
    return this.#store
      .all<Row>("SELECT * FROM sign_in ORDER BY name, way, subject, ends_at DESC")
      .filter((row) => !hasEnded(row, now) && row.terms === termsOf(row.way))
      .map(({ way, name, subject, role, seen_at: seenAt, ends_at: endsAt }) => {
        return { way, name, subject, role, begunAt: endsAt - SIGN_IN_MS, seenAt, endsAt };
      });
  }

  /** Whether there was one. */
  end(secret: string): boolean {
    return this.#store.run("DELETE FROM sign_in WHERE digest = ?", digestOf(secret)) > 0;
  }

  /** Returns how many there were. */
  endOf(way: Way, subject: string): number {
    return this.#store.run("DELETE FROM sign_in WHERE way = ? AND subject = ?", way, subject);
  }

  endAll(): void {
    this.#store.run("DELETE FROM sign_in");
  }

  /** Forgets those that have ended. */
  prune(now: number): void {
    this.#store.run("DELETE FROM sign_in WHERE ends_at <= ? OR seen_at <= ?", now, now - IDLE_MS);
  }
}

function hasEnded({ ends_at, seen_at }: Row, now: number): boolean {
  return ends_at <= now || seen_at <= now - IDLE_MS;
}

function digestOf(secret: string): Uint8Array {
  return createHash("sha256").update(secret).digest();
}
