// A match key: one kind of identifier with fixed rules, which have a label, and the OPRF's inputs under it. Without what normalises a
// text, which is large and which only a preparation needs.
import { DIGEST_BYTES } from "./hashed.ts";
import type { Profile } from "./profiles.ts";

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
 * The library, its version and its metadata set, which decides what a possible number is: part of the agreement. A
 * number only has to be possible (its length fits the country), not assigned: assignments change with every version.
 */
export const PHONE_METADATA = "libphonenumber-js 1.13.16 min";

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
