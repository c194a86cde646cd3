// People who sign in with a password that this node keeps, each with a role. Their one-time codes' secrets are sealed.
import { quoted } from "@halfroom/wire/words";
import type { ApiRole } from "../console/api-roles.ts";
import { nameSchema } from "../config/names.ts";
import { OperatorError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import type { Sealing } from "../vault/vault.ts";

export interface User {
  readonly name: string;
  readonly role: ApiRole;
  /** Whether a one-time code is asked for. */
  readonly hasCodes: boolean;
  /** Without a password since the node was restored from a backup: `user reset` gives one. */
  readonly isLocked: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** What a user signs in with. */
export interface Credentials {
  /** As `hashPassword` gives it. */
  readonly password: string;
  /** The secret of one-time codes; undefined for none. */
  readonly secret: Uint8Array | undefined;
}

/** What is looked at when somebody signs in. */
export interface Kept extends Omit<Credentials, "password"> {
  readonly user: User;
  readonly password: string | undefined;
}

const PURPOSE = "one-time-codes";
/** What is sealed here. */
export const SEALED_CODES = { table: "user", column: "secret", context: ["name"], purpose: PURPOSE };

interface Row {
  name: string;
  role: ApiRole;
  password: string | null;
  secret: Uint8Array | null;
  created_at: number;
}

export class Users {
  readonly #store: Store;
  readonly #vault: Sealing;

  constructor(store: Store, vault: Sealing) {
    this.#store = store;
    this.#vault = vault;
  }

  /** Errors: `name`, `name-taken`. */
  add(name: string, role: ApiRole, { password, secret }: Credentials, now: number): void {
    assertUserName(name);
    const sql =
      "INSERT INTO user (name, role, password, secret, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    const insert = () => this.#store.run(sql, name, role, password, this.#sealed(name, secret), now);
    if (this.#store.transaction(insert) > 0) return;
    throw new OperatorError("name-taken", `There is a user ${quoted(name)} already; choose another name.`);
  }

  /** By name. */
  list(): User[] {
    return this.#store.all<Row>("SELECT * FROM user ORDER BY name").map(toUser);
  }

  /** Errors: `no-user`. */
  get(name: string): User {
    return toUser(this.#row(name));
  }

  find(name: string): Kept | undefined {
    const row = this.#store.get<Row>("SELECT * FROM user WHERE name = ?", name);
    if (row === undefined) return undefined;
    const secret = row.secret === null ? undefined : this.#vault.open(PURPOSE, [name], row.secret);
    return { user: toUser(row), password: row.password ?? undefined, secret };
  }

  /** Errors: `no-user`. */
  remove(name: string): void {
    this.#row(name);
    this.#store.run("DELETE FROM user WHERE name = ?", name);
  }

  /** Errors: `no-user`. */
  setRole(name: string, role: ApiRole): void {
    this.#row(name);
    this.#store.run("UPDATE user SET role = ? WHERE name = ?", role, name);
  }

  /** Errors: `no-user`. */
  setPassword(name: string, password: string): void {
    this.#row(name);
    this.#store.run("UPDATE user SET password = ? WHERE name = ?", password, name);
  }

  /** Errors: `no-user`. */
  setSecret(name: string, secret: Uint8Array): void {
    this.#row(name);
    const sql = "UPDATE user SET secret = ?, code_used = NULL WHERE name = ?";
    this.#store.transaction(() => this.#store.run(sql, this.#sealed(name, secret), name));
  }

  /** Takes the one-time code of this period; false if it, or a later one, was used before (RFC 6238, section 5.2). */
  useCode(name: string, period: number): boolean {
    const sql = "UPDATE user SET code_used = ?1 WHERE name = ?2 AND (code_used IS NULL OR code_used < ?1)";
    return this.#store.run(sql, period, name) > 0;
  }

  /** Nobody gets in until a new password is given: who was removed, and what was changed, after a backup is not known. */
  lockAll(): void {
    this.#store.run("UPDATE user SET password = NULL");
  }

  #sealed(name: string, secret: Uint8Array | undefined): Uint8Array | null {
    return secret === undefined ? null : this.#vault.seal(PURPOSE, [name], secret);
  }

  #row(name: string): Row {
    const row = this.#store.get<Row>("SELECT * FROM user WHERE name = ?", name);
    if (row === undefined)
      throw new OperatorError("no-user", `There is no user ${quoted(name)}; halfroom user list lists them.`);
    return row;
  }
}

/** Errors: `name`. */
export function assertUserName(name: string): void {
  const fault = nameSchema.safeParse(name).error?.issues[0];
  if (fault !== undefined) throw new OperatorError("name", `user name: ${fault.message}.`);
}

function toUser({ name, role, password, secret, created_at }: Row): User {
  return { name, role, hasCodes: secret !== null, isLocked: password === null, createdAt: created_at };
}
