// The templates of a node: those that it has published to its partners, and those that partners have published to it.
import { toHex } from "@halfroom/session";
import { quoted } from "@halfroom/wire/words";
import { OperatorError } from "../errors.ts";
import type { Owner } from "../partners/partners.ts";
import type { Store } from "../store/store.ts";
import { DAY_MS } from "../time.ts";
import { TEMPLATE_DAYS_MAX } from "./template.ts";

/**
 * waiting: of ours, until the people here have approved it. valid: runs may be made of it. replaced: a newer version took its place. The last two
 * are kept, so that what ran is known.
 */
export type TemplateState = "waiting" | "valid" | "withdrawn" | "replaced";

/** open: those that wait or are valid. */
export type WhichTemplates = "open" | "waiting" | "valid" | "all";

const WHERE: Readonly<Record<WhichTemplates, string>> = {
  open: "WHERE state IN ('waiting', 'valid')",
  waiting: "WHERE state = 'waiting'",
  valid: "WHERE state = 'valid'",
  all: "",
};

export interface TemplateRow {
  /** In hex: names it in terms. */
  readonly digest: string;
  readonly owner: "us" | "partner";
  /** The partner's name here, as it was. */
  readonly partner: string;
  readonly partnerKey: string;
  readonly name: string;
  readonly version: number;
  readonly text: string;
  /** Signing keys, 32 bytes each: of its owner, and of whom it is for. */
  readonly by: Uint8Array;
  readonly to: Uint8Array;
  /** Undefined while it waits. */
  readonly signature: Uint8Array | undefined;
  readonly state: TemplateState;
  /** When it came into this state, in milliseconds since 1970. */
  readonly at: number;
}

export type NewTemplate = Omit<TemplateRow, "partner" | "partnerKey" | "digest"> & {
  readonly digest: Uint8Array;
  readonly of: Owner;
};

interface Row {
  digest: string;
  owner: "us" | "partner";
  partner: string;
  partner_key: string;
  name: string;
  version: number;
  text: string;
  signed_by: Uint8Array;
  signed_to: Uint8Array;
  signature: Uint8Array | null;
  state: TemplateState;
  at: number;
}

export class TemplateStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Adds it, or puts it in the place of the same one. */
  put({ digest, owner, of, name, version, text, by, to, signature, state, at }: NewTemplate): TemplateRow {
    this.#store.run(
      `INSERT OR REPLACE INTO template (digest, owner, partner, partner_key, name, version, text, signed_by, signed_to, signature, state, at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      toHex(digest),
      owner,
      of.name,
      of.key,
      name,
      version,
      text,
      by,
      to,
      signature ?? null,
      state,
      at,
    );
    return this.get(toHex(digest))!;
  }

  get(digest: string): TemplateRow | undefined {
    const row = this.#store.get<Row>("SELECT * FROM template WHERE digest = ?", digest);
    return row && toTemplate(row);
  }

  /** By the first digits of its digest. Errors: `no-template`. */
  identified(id: string): TemplateRow {
    const isDigest = /^[0-9a-f]{8,64}$/.test(id);
    const rows = isDigest
      ? this.#store.all<Row>("SELECT * FROM template WHERE digest GLOB ? || '*' LIMIT 2", id)
      : [];
    if (rows.length === 1) return toTemplate(rows[0]!);
    throw new OperatorError(
      "no-template",
      `There is no template ${quoted(id)}; halfroom templates lists them.`,
    );
  }

  /** By name. */
  list(which: WhichTemplates = "open"): TemplateRow[] {
    const sql = `SELECT * FROM template ${WHERE[which]} ORDER BY owner, name, partner, version DESC`;
    return this.#store.all<Row>(sql).map(toTemplate);
  }

  /** All versions under one name, newest first. */
  versions(owner: "us" | "partner", partnerKey: string, name: string): TemplateRow[] {
    const sql =
      "SELECT * FROM template WHERE owner = ? AND partner_key = ? AND name = ? ORDER BY version DESC, at DESC";
    return this.#store.all<Row>(sql, owner, partnerKey, name).map(toTemplate);
  }

  valid(owner: "us" | "partner", partnerKey: string, name: string): TemplateRow | undefined {
    return this.versions(owner, partnerKey, name).find(({ state }) => state === "valid");
  }

  /** It ends: withdrawn, or replaced by the version that becomes valid. */
  end(digest: string, state: "withdrawn" | "replaced", now: number): void {
    this.#store.run("UPDATE template SET state = ?, at = ? WHERE digest = ?", state, now, digest);
  }

  /** Ends all that the partner has to do with. Returns how many. */
  endAllOf(partnerKey: string, now: number): number {
    const sql =
      "UPDATE template SET state = 'withdrawn', at = ? WHERE partner_key = ? AND state IN ('waiting', 'valid')";
    return this.#store.run(sql, now, partnerKey);
  }

  /** People have to approve all of ours again. */
  suspendAll(): void {
    this.#store.run("UPDATE template SET state = 'waiting' WHERE owner = 'us' AND state = 'valid'");
  }

  /** How many runs of any version of it have spent their budget since a moment. */
  runsSince(partnerKey: string, name: string, since: number): number {
    const sql = "SELECT count(*) AS runs FROM template_run WHERE partner_key = ? AND name = ? AND at > ?";
    return this.#store.get<{ runs: number }>(sql, partnerKey, name, since)!.runs;
  }

  /** A run of it spends its budget. In the running transaction. */
  addRun({ partnerKey, name, digest }: TemplateRow, session: string, now: number): void {
    const sql = "INSERT INTO template_run (session, partner_key, name, digest, at) VALUES (?, ?, ?, ?, ?)";
    this.#store.run(sql, session, partnerKey, name, digest, now);
  }

  /** Forgets runs that lie further back than any template counts. */
  prune(now: number): void {
    this.#store.run("DELETE FROM template_run WHERE at < ?", now - TEMPLATE_DAYS_MAX * DAY_MS);
  }
}

function toTemplate({ partner_key, signed_by, signed_to, signature, ...row }: Row): TemplateRow {
  return {
    ...row,
    partnerKey: partner_key,
    by: signed_by,
    to: signed_to,
    signature: signature ?? undefined,
  };
}
