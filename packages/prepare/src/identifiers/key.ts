// A match key: one kind of identifier with fixed rules, from a row's text to the OPRF's input.
import { emailFault, normaliseEmail } from "./email.ts";
import { isNullWord, markedFault, type IdentifierFault } from "./faults.ts";
import { DIGEST_BYTES, parseDigest, sha256 } from "./hashed.ts";
import { normaliseCustom, normaliseMaid, normalisePostal } from "./others.ts";
import { hasExponent, wholePhone, wholeText } from "./numbers.ts";
import { normalisePhone, PHONE_METADATA } from "./phone.ts";
import type { Profile } from "./profiles.ts";
import { identifierText, isWellFormed } from "./text.ts";

export type IdentifierType = "email" | "phone" | "maid" | "postal" | "custom";

export interface KeyRules {
  /** The name by which both parties refer to this key; for the type `custom` it is part of the identifier. */
  readonly name: string;
  readonly type: IdentifierType;
  readonly profile: Profile;
  /** The country (ISO 3166, two letters) of phone numbers without "+". */
  readonly region?: string | undefined;
  /** Whether the hashed text of a phone number starts with "+". */
  readonly plus: boolean;
  /** Whether the column holds SHA-256 digests of text that was normalised elsewhere. */
  readonly hashed: boolean;
}

/**
 * The rules that two parties must share, as text: it is part of the agreement, compared byte for byte, and bound to every
 * identifier. The region, and whether a list arrived hashed, are each party's own affair.
 */
export function keyLabel({ name, type, profile, plus }: KeyRules): string {
  switch (type) {
    case "email":
      return `email/${profile.version}`;
    case "phone":
      return `phone/${plus ? "plus" : "digits"}/${PHONE_METADATA}`;
    case "maid":
      return "maid/1";
    case "postal":
      return "postal/1";
    case "custom":
      return `custom/1/${name}`;
  }
}

/** The digest of one row's identifier: SHA-256 of the normalised text, 32 bytes. Total: any text gives a digest or a fault. */
export function digestOf(rules: KeyRules, texts: readonly string[]): Uint8Array | IdentifierFault {
  const marked = texts.map(markedFault).find((fault) => fault !== undefined);
  if (marked !== undefined) return marked;
  const digest = plainDigest(rules, texts);
  return digest === "invalid" ? formOf(rules, texts) : digest;
}

function plainDigest(rules: KeyRules, texts: readonly string[]): Uint8Array | "empty" | "invalid" {
  if (rules.hashed) return parseDigest(texts[0] ?? "");
  const normalised = normalise(rules, texts);
  if (normalised === "") return "empty";
  if (normalised === undefined || !isWellFormed(normalised)) return "invalid";
  return sha256(normalised);
}

/** What people put between several identifiers in one cell. A number has blanks of its own. */
const BETWEEN = { phone: /[;,|/\n]/u, other: /[;,|\s]/u };

/** Which of the known forms a text has that is no identifier. */
function formOf(rules: KeyRules, texts: readonly string[]): IdentifierFault {
  const { type, hashed, region } = rules;
  const clean = texts.map((text) => identifierText(text).normalize("NFC"));
  if (type === "postal") return clean.some((part) => wholeText(part) === undefined) ? "imprecise" : "invalid";
  const [text = ""] = clean;
  if (isNullWord(text)) return "word";
  if (type === "custom") return wholeText(text) === undefined ? "imprecise" : "invalid";
  if (!hashed && type === "phone") {
    if (hasExponent(text)) return "exponent";
    if (wholePhone(text) === undefined) return "fraction";
    if (region !== undefined && normalisePhone(text, region) === undefined) {
      if (normalisePhone(`+${text}`, undefined) !== undefined) return "country";
    }
  }
  const parts = text.split(type === "phone" ? BETWEEN.phone : BETWEEN.other);
  const are = parts.filter((part) => part !== "" && plainDigest(rules, [part]) instanceof Uint8Array);
  return parts.length > 1 && are.length > 0 ? "several" : "invalid";
}

/** The normalised text; "" if there is nothing, undefined if it is not an identifier. */
export function normalise(rules: KeyRules, texts: readonly string[]): string | undefined {
  const text = texts[0] ?? "";
  switch (rules.type) {
    case "email": {
      const email = normaliseEmail(text, rules.profile);
      const fault = emailFault(email);
      return fault === "invalid" ? undefined : email;
    }
    case "phone": {
      const number = normalisePhone(text, rules.region);
      return rules.plus ? number : number?.slice(1);
    }
    case "maid":
      return normaliseMaid(text);
    case "postal":
      return normalisePostal(texts);
    case "custom":
      return normaliseCustom(text);
  }
}

const LENGTH_BYTES = 4;

/** The bytes of an encoded identifier before its digest, the same for all identifiers with one label. */
export function identifierPrefix(label: string): Uint8Array {
  const labelBytes = Buffer.byteLength(label);
  const prefix = Buffer.alloc(2 * LENGTH_BYTES + labelBytes);
  prefix.writeUInt32LE(labelBytes);
  prefix.write(label, LENGTH_BYTES);
  prefix.writeUInt32LE(DIGEST_BYTES, LENGTH_BYTES + labelBytes);
  return prefix;
}

/**
 * The OPRF's input for one person and key: the key's label and the digest, each prefixed with its 4-byte little-endian length, so
 * that no two pairs have the same encoding (protocol-spec.md, section "Identifiers").
 */
export function encodeIdentifier(label: string, digest: Uint8Array): Uint8Array {
  if (digest.length !== DIGEST_BYTES) throw new RangeError(`a digest has ${DIGEST_BYTES} bytes`);
  return Buffer.concat([identifierPrefix(label), digest]);
}
