// How a partner's certificate or identity gives way to another one without an invitation (protocol-spec.md, section 6.5). Another
// certificate of the same identity is let in at once: only its signing key can have made it. Another identity is held until a person here
// has compared its fingerprint with what the partner's people say: whoever stole the old key could have named it.
import type { X509Certificate } from "node:crypto";
import { quoted } from "@halfroom/wire/words";
import { OperatorError } from "../errors.ts";
import { claimOf, pathFrom, type Claim, type Successor } from "../identity/succession.ts";
import { fingerprintOf } from "../identity/fingerprint.ts";
import type { Store } from "../store/store.ts";
import { DAY_MS } from "../time.ts";
import type { Partner, Partners } from "./partners.ts";

/** What a partner has named to take its certificate's place. */
export interface Candidate {
  /** Of the certificate. */
  readonly fingerprint: string;
  readonly signingKey: Uint8Array;
  readonly certificateNumber: number;
  /** Of the last succession on the way from the pinned identity; that one's own where there is none. */
  readonly successionNumber: number;
  /** Milliseconds since 1970. */
  readonly seenAt: number;
  /** When a person here confirmed it, or it was found to be of the pinned identity; undefined while it is held. */
  readonly confirmedAt: number | undefined;
}

/** A partner that has taken another certificate's place. */
export interface Followed {
  readonly from: string;
  readonly to: string;
  /** Whether the signing key is another one too. */
  readonly isOtherIdentity: boolean;
  readonly at: number;
}

/** Who a certificate is, where it is a partner's; `isHeld`: somebody has to confirm it first. */
export interface Standing {
  readonly partner: Partner;
  readonly isHeld: boolean;
}

/** A certificate is let in for so long after its successor was first used: sessions run, and processes have to take the new one up. */
export const LET_IN_MS = DAY_MS;
/** Held ones of a partner. Beyond them the oldest gives way, if it has been there for a while: whoever holds the key must not fill the log. */
const HELD_MAX = 4;
const HELD_MS_MIN = 600_000;

interface Row {
  fingerprint: string;
  signing_key: Uint8Array;
  certificate_number: number;
  succession_number: number;
  seen_at: number;
  confirmed_at: number | null;
}

export class Successions {
  readonly #store: Store;
  readonly #partners: Partners;

  constructor(store: Store, partners: Partners) {
    this.#store = store;
    this.#partners = partners;
  }

  /**
   * Whose certificate it is; undefined for a stranger's. One that is named for the first time is remembered, and `record` runs in the same
   * transaction if it is held. `now` in milliseconds since 1970.
   */
  standingOf(
    certificate: X509Certificate,
    now: number,
    record: (partner: Partner) => void = () => undefined,
  ): Standing | undefined {
    const fingerprint = fingerprintOf(certificate);
    const partner = this.byFingerprint(fingerprint, now);
    if (partner !== undefined) return { partner, isHeld: false };
    const claim = claimOf(certificate);
    if (claim === undefined) return undefined;
    // Outside of a transaction: a stranger must not hold up those who write.
    const named = this.#partners.list().filter(({ signingKey }) => pathFrom(claim, signingKey) !== undefined);
    if (named.length === 0) return undefined;
    return this.#store.transaction(() => {
      for (const { name } of named) {
        const partner = this.#partners.named(name);
        const standing = this.#consider(partner, claim, fingerprint, now, () => record(partner));
        if (standing !== undefined) return standing;
      }
      return undefined;
    });
  }

  /** The partner with this certificate: the pinned one, one that may take its place, or, for a day, the one before of the same identity. */
  byFingerprint(fingerprint: string, now: number): Partner | undefined {
    const pinned = this.#partners.byFingerprint(fingerprint);
    if (pinned !== undefined) return pinned;
    const next = this.#store.get<Row & { partner: string }>(
      "SELECT * FROM successor WHERE fingerprint = ? AND confirmed_at IS NOT NULL",
      fingerprint,
    );
    if (next !== undefined)
      return { ...this.#partners.named(next.partner), fingerprint, signingKey: next.signing_key };
    const before = this.#store.get<{ owner_key: string; name: string; old_key: Uint8Array }>(
      "SELECT owner_key, name, old_key FROM succession WHERE old_fingerprint = ? AND let_in_until > ?",
      fingerprint,
      now,
    );
    const today =
      before &&
      this.#partners.list().find(({ name, owner }) => name === before.name && owner === before.owner_key);
    return today && { ...today, fingerprint, signingKey: before.old_key };
  }

  /** The certificate has been used: the one before has had its time. Undefined where it is pinned already, or is the one before. */
  follow(partner: Partner, now: number): Followed | undefined {
    return this.#store.transaction(() => {
      const { name, fingerprint, owner } = partner;
      const next = this.candidates(name).find((each) => each.fingerprint === fingerprint);
      if (next?.confirmedAt === undefined) return undefined;
      const pinned = this.#partners.named(name);
      const isOtherIdentity = Buffer.compare(pinned.signingKey, next.signingKey) !== 0;
      this.#store.run(
        `INSERT INTO succession (owner_key, name, old_fingerprint, old_key, new_fingerprint, new_key, followed_at, let_in_until)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        owner,
        name,
        pinned.fingerprint,
        pinned.signingKey,
        fingerprint,
        next.signingKey,
        now,
        now + LET_IN_MS,
      );
      // No certificate of an identity that has gone is let in.
      if (isOtherIdentity)
        this.#store.run("UPDATE succession SET let_in_until = ? WHERE owner_key = ?", now, owner);
      this.#store.run(
        "UPDATE partner SET fingerprint = ?, signing_key = ?, certificate_number = ?, succession_number = ? WHERE name = ?",
        fingerprint,
        next.signingKey,
        next.certificateNumber,
        next.successionNumber,
        name,
      );
      // Another certificate changes nothing about an identity that somebody is to confirm.
      this.#store.run(
        "DELETE FROM successor WHERE partner = ?1 AND (?2 OR (signing_key = ?3 AND certificate_number <= ?4))",
        name,
        isOtherIdentity ? 1 : 0,
        next.signingKey,
        next.certificateNumber,
      );
      return { from: pinned.fingerprint, to: fingerprint, isOtherIdentity, at: now };
    });
  }

  /** What the partner has named, the newest first. */
  candidates(name: string): Candidate[] {
    return this.#store
      .all<Row>("SELECT * FROM successor WHERE partner = ? ORDER BY seen_at DESC, rowid DESC", name)
      .map(toCandidate);
  }

  /** Whom the partner has followed, the newest first. */
  history({ owner }: Pick<Partner, "owner">): Followed[] {
    const rows = this.#store.all<{ from: string; to: string; old: Uint8Array; new: Uint8Array; at: number }>(
      `SELECT old_fingerprint AS "from", new_fingerprint AS "to", old_key AS "old", new_key AS "new", followed_at AS "at"
       FROM succession WHERE owner_key = ? ORDER BY rowid DESC`,
      owner,
    );
    return rows.map(({ from, to, at, ...keys }) => {
      return { from, to, at, isOtherIdentity: Buffer.compare(keys.old, keys.new) !== 0 };
    });
  }

  /**
   * A person has compared the fingerprint of a held identity: from now on the pinned one can name no other, and gives way once this one is
   * used. Errors: `no-partner`; `no-successor`.
   */
  confirm(name: string, fingerprint: string, now: number): Candidate {
    return this.#store.transaction(() => {
      this.#partners.named(name);
      const found = this.candidates(name).find((each) => each.fingerprint === fingerprint);
      if (found === undefined)
        throw new OperatorError(
          "no-successor",
          `${quoted(name)} has named no identity with this fingerprint; halfroom partners shows what it has named. If its people name another one than is shown, somebody else may hold its old key: halfroom partners remove ${name}, and meet anew.`,
        );
      if (found.confirmedAt !== undefined) return found;
      this.#store.run("DELETE FROM successor WHERE partner = ? AND signing_key <> ?", name, found.signingKey);
      this.#store.run("UPDATE successor SET confirmed_at = ? WHERE partner = ?", now, name);
      return { ...found, confirmedAt: now };
    });
  }

  #consider(
    partner: Partner,
    claim: Claim,
    fingerprint: string,
    now: number,
    record: () => void,
  ): Standing | undefined {
    const { name } = partner;
    const path = pathFrom(claim, partner.signingKey);
    if (path === undefined) return undefined;
    if (path.length === 0 && claim.number <= this.#numbersOf(name).certificate) return undefined;
    const candidates = this.candidates(name);
    const chosen = candidates.find((each) => each.confirmedAt !== undefined && isOther(each, partner));
    const isOnWay = ({ signingKey }: Candidate) => path.some(({ newKey }) => isSame(newKey, signingKey));
    // Once another identity is confirmed, this one names nobody any more.
    if (chosen !== undefined && !isOnWay(chosen)) return undefined;
    const isConfirmed =
      path.length === 0 || (chosen !== undefined && isSame(claim.signingKey, chosen.signingKey));
    if (isConfirmed && chosen !== undefined && claim.number <= chosen.certificateNumber) return undefined;
    if (path.length > 0 && !this.#mayFollow(partner, path, claim.signingKey)) return undefined;
    const isKnown = candidates.some((each) => each.fingerprint === fingerprint);
    const { signingKey } = claim;
    if (!isKnown && !isConfirmed) {
      if (!this.#hasRoom(name, now)) return undefined;
      record();
    }
    if (!isKnown) this.#remember(partner, claim, path, fingerprint, isConfirmed ? now : undefined, now);
    return { partner: { ...partner, fingerprint, signingKey }, isHeld: !isConfirmed };
  }

  /** Numbers only grow, nobody takes another partner's place, and no identity that was left comes back. */
  #mayFollow({ name, owner }: Partner, path: readonly Successor[], newKey: Uint8Array): boolean {
    if (path[0]!.number <= this.#numbersOf(name).succession) return false;
    if (this.#partners.isLeft(newKey)) return false;
    const others = this.#partners.list().filter((each) => each.owner !== owner);
    // The keys that another partner had before are among those that were left.
    return !others.some((each) => isSame(each.signingKey, newKey));
  }

  #remember(
    { name }: Partner,
    claim: Claim,
    path: readonly Successor[],
    fingerprint: string,
    confirmedAt: number | undefined,
    now: number,
  ): void {
    this.#store.run(
      `INSERT INTO successor (fingerprint, partner, signing_key, certificate_number, succession_number, seen_at, confirmed_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      fingerprint,
      name,
      claim.signingKey,
      claim.number,
      path.at(-1)?.number ?? this.#numbersOf(name).succession,
      now,
      confirmedAt ?? null,
    );
  }

  /** Makes room for another held one, if there is any to be had. */
  #hasRoom(name: string, now: number): boolean {
    const held = this.candidates(name).filter(({ confirmedAt }) => confirmedAt === undefined);
    if (held.length < HELD_MAX) return true;
    const oldest = held.at(-1)!;
    if (now - oldest.seenAt < HELD_MS_MIN) return false;
    this.#store.run("DELETE FROM successor WHERE fingerprint = ?", oldest.fingerprint);
    return true;
  }

  #numbersOf(name: string): { readonly certificate: number; readonly succession: number } {
    const sql =
      "SELECT certificate_number AS certificate, succession_number AS succession FROM partner WHERE name = ?";
    return this.#store.get<{ certificate: number; succession: number }>(sql, name)!;
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function isOther({ signingKey }: Candidate, partner: Partner): boolean {
  return !isSame(signingKey, partner.signingKey);
}

function toCandidate(row: Row): Candidate {
  return {
    fingerprint: row.fingerprint,
    signingKey: row.signing_key,
    certificateNumber: row.certificate_number,
    successionNumber: row.succession_number,
    seenAt: row.seen_at,
    confirmedAt: row.confirmed_at ?? undefined,
  };
}
