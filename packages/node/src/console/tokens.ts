// Tokens by which programs use the HTTP API. A token is random and long, so its plain SHA-256 is what is kept: whoever reads the store
// cannot sign in with it.
import { createHash } from "node:crypto";
import { systemRng } from "@halfroom/crypto";
import { quoted } from "@halfroom/wire/words";
import type { ApiRole } from "./api-roles.ts";
import { nameSchema } from "../config/names.ts";
import { OperatorError } from "../errors.ts";
import type { Store } from "../store/store.ts";

export interface ApiToken {
  readonly name: string;
  readonly role: ApiRole;
  /** Milliseconds since 1970, as the others. */
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly revokedAt: number | undefined;
}

export type NewToken = Pick<ApiToken, "name" | "role" | "createdAt" | "expiresAt">;

const PREFIX = "halfroomapi1_";
const SECRET_BYTES = 32;

interface Row {
  name: string;
  role: ApiRole;
  created_at: number;
  expires_at: number;
  revoked_at: number | null;
}

export class ApiTokens {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Returns the token, which is kept nowhere. The name of one that holds no more is free again. Errors: `name`, `name-taken`. */
  add({ name, role, createdAt, expiresAt }: NewToken): string {
    const fault = nameSchema.safeParse(name).error?.issues[0];
    if (fault !== undefined) throw new OperatorError("name", `token name: ${fault.message}.`);
    const token = `${PREFIX}${Buffer.from(systemRng.bytes(SECRET_BYTES)).toString("base64url")}`;
    this.#store.transaction(() => {
      const known = this.#named(name);
      if (known !== undefined && known.revoked_at === null && known.expires_at > createdAt)
        throw new OperatorError(
          "name-taken",
          `There is a token ${quoted(name)} already; choose another name, or revoke it first.`,
        );
      this.#store.run(
        `INSERT OR REPLACE INTO api_token (name, digest, role, created_at, expires_at) VALUES (?, ?, ?, ?, ?)`,
        name,
        digestOf(token),
        role,
        createdAt,
        expiresAt,
      );
    });
    return token;
  }

  /** By name, also those that hold no more. */
  list(): ApiToken[] {
    return this.#store.all<Row>("SELECT * FROM api_token ORDER BY name").map(toToken);
  }

  /** Undefined if there never was such a token, or another one has its name now. */
  find(token: string): ApiToken | undefined {
    const row = this.#store.get<Row>("SELECT * FROM api_token WHERE digest = ?", digestOf(token));
    return row && toToken(row);
  }

  /** Errors: `no-token`, if none of that name holds. */
  revoke(name: string, now: number): void {
    const sql = "UPDATE api_token SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL";
    if (this.#store.run(sql, now, name) > 0) return;
    const state = this.#named(name) === undefined ? "There is no token" : "Revoked already: the token";
    throw new OperatorError("no-token", `${state} ${quoted(name)}; halfroom token list lists them.`);
  }

  /** Revokes all that hold. */
  revokeAll(now: number): void {
    this.#store.run("UPDATE api_token SET revoked_at = ? WHERE revoked_at IS NULL", now);
  }

  #named(name: string): Row | undefined {
    return this.#store.get<Row>("SELECT * FROM api_token WHERE name = ?", name);
  }
}

function digestOf(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}

function toToken({ name, role, created_at, expires_at, revoked_at }: Row): ApiToken {
  return {
    name,
    role,
    createdAt: created_at,
    expiresAt: expires_at,
    revokedAt: revoked_at ?? undefined,
  };
}
