// E-mail addresses as identifiers (protocol-spec.md, section "Identifiers").
import { domainToASCII } from "node:url";
import type { Profile } from "./profiles.ts";
import { APOSTROPHES_AHEAD, holdsQuotes, identifierText, isAscii, isWellFormed } from "./text.ts";

/** RFC 5321, 4.5.3.1.3: a path is 256 octets, two of which are its angle brackets. */
const EMAIL_BYTES_MAX = 254;

// One "@"; something before it, without space, control character or special of RFC 5322: quoted local parts, comments, display
// names, lists and address literals are not distinguished from garbage.
const LOCAL_PART = /^[^\s\p{Cc}@"(),:;<>[\\\]]+$/u;

/** A host name of RFC 1123 with a dot in it, the names of 1 to 63 characters that UTS 46 calls STD3 rules, or xn-- and the like. */
const HOST_NAME = /^(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))+$/;
/** What a URL's host becomes whose last name is a number. That is an address of a machine, and not the text that was given. */
const IPV4 = /^[0-9.]+$/;
/** ASCII that no host name has, some of which a URL parser would split at or decode; and quotes, which UTS 46 takes for letters. */
const NO_DOMAIN = /[^a-z0-9.\-\u0080-\u{10ffff}]|[\u00ab\u00bb\u2018-\u201f\u2039\u203a]/u;

/**
 * identifierText, then Unicode's lower case without a locale, then NFC, the domain in ASCII by UTS 46, and the rules of the
 * profile's providers. Every small sigma of a local part is written in the same way, so that the result does not depend on its
 * neighbours: lower-casing alone turns some capitals into a final sigma and others not. Total and idempotent; text that is not an
 * address comes back in some form that `emailFault` rejects.
 */
export function normaliseEmail(text: string, profile: Profile): string {
  const lower = lowerCase(identifierText(text));
  const at = lower.lastIndexOf("@");
  if (at < 0) return lower;
  const domain = asciiDomain(lower.slice(at + 1));
  return `${localPart(lower.slice(0, at), domain, profile)}@${domain}`;
}

function lowerCase(text: string): string {
  const lower = text.toLowerCase();
  return isAscii(lower) ? lower : lower.replaceAll("ς", "σ").normalize("NFC");
}

function asciiDomain(domain: string): string {
  if (isAscii(domain) || NO_DOMAIN.test(domain)) return domain;
  const ascii = domainToASCII(domain);
  return HOST_NAME.test(ascii) && !IPV4.test(ascii) ? ascii : domain;
}

function localPart(local: string, domain: string, { dotless, tagless }: Profile): string {
  const untagged = tagless.includes(domain) ? local.replace(/\+.*$/su, "") : local;
  // Without its dots a local part may begin with an apostrophe again.
  return dotless.includes(domain) ? untagged.replaceAll(".", "").replace(APOSTROPHES_AHEAD, "") : untagged;
}

/** Why a normalised address is not an identifier: it is empty, not of the form above, or over 254 bytes of UTF-8. */
export function emailFault(normalised: string): "empty" | "invalid" | undefined {
  if (normalised === "") return "empty";
  const at = normalised.lastIndexOf("@");
  const [local, domain] = [normalised.slice(0, Math.max(at, 0)), normalised.slice(at + 1)];
  const sound = LOCAL_PART.test(local) && HOST_NAME.test(domain) && !holdsQuotes(local);
  return sound && Buffer.byteLength(normalised) <= EMAIL_BYTES_MAX && isWellFormed(normalised)
    ? undefined
    : "invalid";
}
