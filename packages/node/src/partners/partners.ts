// This node's partners: who is pinned, under which name.
import { nameSchema } from "../config/names.ts";
import type { Store } from "../store/store.ts";
import { OperatorError } from "../errors.ts";
import { toHex } from "@halfroom/session";
import { ProtocolError } from "@halfroom/wire";
import { quoted } from "@halfroom/wire/words";
import { adoptRows } from "../store/adopt-rows.ts";

export interface Partner {
  /** This side's own name for it. */
  readonly name: string;
  /** Of its certificate, 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** Ed25519, 32 bytes, as the certificate names it. */
  readonly signingKey: Uint8Array;
  /** The first signing key that it had here, in hex: what it has spent is counted under that, whichever key it has today. */
  readonly owner: string;
  /** HOST:PORT; empty if it cannot be dialled. */
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly pinnedAt: number;
}

/** Who is met for the first time, or again. */
export interface Met extends Omit<Partner, "owner"> {
  /** What the certificate says; 0 where nothing is said. */
  readonly certificateNumber?: number;
}

/** How fast the line to a partner was when it was last measured. */
export interface MeasuredLine {
  /** What it took of what this side sent. */
  readonly bytesPerSecond: number;
  /** Milliseconds since 1970. */
  readonly measuredAt: number;
}

/** Whom a row of the store belongs to. */
export interface Owner {
  /** As the partner's `owner`: the rows are found again by it, whatever the partner is called. */
  readonly key: string;
  /** The local name, which is only shown. */
  readonly name: string;
}

export function ownerOf({ name, owner }: Pick<Partner, "name" | "owner">): Owner {
  return { key: owner, name };
}

interface Row {
  name: string;
  fingerprint: string;
  signing_key: Uint8Array;
  owner_key: string;
  address: string;
  pinned_at: number;
  line_bytes_per_second: number | null;
  line_measured_at: number | null;
}

export class Partners {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  list(): Partner[] {
    return this.#store.all<Row>("SELECT * FROM partner ORDER BY name").map(toPartner);
  }

  byFingerprint(fingerprint: string): Partner | undefined {
    const row = this.#store.get<Row>("SELECT * FROM partner WHERE fingerprint = ?", fingerprint);
    return row && toPartner(row);
  }

  /** Errors: `no-partner`. */
  named(name: string): Partner {
    const row = this.#row(name);
    if (row !== undefined) return toPartner(row);
    const names = this.list().map((partner) => partner.name);
    const known =
      names.length === 0
        ? "There are no partners yet: invite one, or join one."
        : `Known partners: ${names.join(", ")}.`;
    throw new OperatorError("no-partner", `There is no partner ${quoted(name)}. ${known}`);
  }

  #row(name: string): Row | undefined {
    return this.#store.get<Row>("SELECT * FROM partner WHERE name = ?", name);
  }

  /** Undefined if no session with the partner has measured it, and for a stranger. */
  lineTo(name: string): MeasuredLine | undefined {
    const row = this.#row(name);
    if (row === undefined || row.line_bytes_per_second === null) return undefined;
    return { bytesPerSecond: row.line_bytes_per_second, measuredAt: row.line_measured_at! };
  }

  /** Nothing, for a partner that has been removed in the meantime. */
  measureLine(name: string, { bytesPerSecond, measuredAt }: MeasuredLine): void {
    const sql = "UPDATE partner SET line_bytes_per_second = ?, line_measured_at = ? WHERE name = ?";
    this.#store.run(sql, bytesPerSecond, measuredAt, name);
  }

  /** Errors: `name`; `name-taken`, unless the same partner is pinned again under its own name. */
  assertFree(name: string, fingerprint: string): void {
    const fault = nameSchema.safeParse(name).error?.issues[0]?.message;
    if (fault !== undefined) throw new OperatorError("name", `The partner's name: ${fault}.`);
    for (const partner of this.list()) {
      if (partner.name === name && partner.fingerprint !== fingerprint) {
        throw new OperatorError(
          "name-taken",
          `There is a partner ${quoted(name)} already; choose another --name.`,
        );
      }
      if (partner.name !== name && partner.fingerprint === fingerprint) {
        throw new OperatorError("name-taken", `This partner is pinned already, as ${quoted(partner.name)}.`);
      }
    }
  }

  /**
   * Pins the partner; if it is pinned already, only its address changes. Errors as `assertFree`; `identity`, for an identity that has named
   * a successor here.
   */
  pin({ name, fingerprint, signingKey, address, pinnedAt, certificateNumber = 0 }: Met): Partner {
    return this.#store.transaction(() => {
      this.assertFree(name, fingerprint);
      if (this.isLeft(signingKey))
        throw new ProtocolError(
          "identity",
          "an identity that has given way to another one does not come back",
        );
      const owner = this.#ownerOfKey(signingKey);
      this.#store.run(
        `INSERT INTO partner (name, fingerprint, signing_key, owner_key, address, pinned_at, certificate_number) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (fingerprint) DO UPDATE SET address = excluded.address`,
        name,
        fingerprint,
        signingKey,
        owner,
        address,
        pinnedAt,
        certificateNumber,
      );
      adoptRows(this.#store, signingKey, owner);
      return { name, fingerprint, signingKey, owner, address, pinnedAt };
    });
  }

  /** Whether a partner with this signing key, 32 bytes, has given way to another one of its identities. */
  isLeft(signingKey: Uint8Array): boolean {
    const sql = "SELECT 1 FROM succession WHERE old_key = ?1 AND new_key <> ?1 LIMIT 1";
    return this.#store.get(sql, signingKey) !== undefined;
  }

  /** All signing keys that the partner has had here, today's first, 32 bytes each. */
  keysOf({ name, owner }: Pick<Partner, "name" | "owner">): Uint8Array[] {
    const sql = "SELECT DISTINCT old_key AS key FROM succession WHERE owner_key = ?";
    const old = this.#store.all<{ key: Uint8Array }>(sql, owner).map(({ key }) => key);
    return [this.named(name).signingKey, ...old];
  }

  #ownerOfKey(signingKey: Uint8Array): string {
    const sql = "SELECT owner_key FROM succession WHERE new_key = ? LIMIT 1";
    return this.#store.get<{ owner_key: string }>(sql, signingKey)?.owner_key ?? toHex(signingKey);
  }

  /** Sets where a partner can be reached from now on, over a line that nobody has measured. Errors: `no-partner`. */
  move(name: string, address: string): void {
    const sql =
      "UPDATE partner SET address = ?, line_bytes_per_second = NULL, line_measured_at = NULL WHERE name = ?";
    this.#store.run(sql, address, this.named(name).name);
  }

  /** Unpins a partner: from its next connection on it is a stranger. Errors: `no-partner`. */
  remove(name: string): void {
    this.#store.run("DELETE FROM partner WHERE name = ?", this.named(name).name);
  }
}

function toPartner(row: Row): Partner {
  return {
    name: row.name,
    fingerprint: row.fingerprint,
    signingKey: row.signing_key,
    owner: row.owner_key,
    address: row.address,
    pinnedAt: row.pinned_at,
  };
}
