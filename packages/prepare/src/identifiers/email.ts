// E-mail addresses as identifiers (protocol-spec.md, section "Identifiers").
import { domainToASCII } from "node:url";
import type { Profile } from "./profiles.ts";
import { cleanText, isAscii, isWellFormed } from "./text.ts";

/** RFC 5321, 4.5.3.1.3: a path is 256 octets, two of which are its angle brackets. */
const EMAIL_BYTES_MAX = 254;

// One "@"; something before it; after it at least two names joined by dots. No space, control character or special of RFC 5322
// anywhere: quoted local parts, comments, display names, lists and address literals are not distinguished from garbage. Both
// halves allow the same characters, except that the domain's names contain no dot.
const EMAIL = /^[^\s\p{Cc}@"(),:;<>[\\\]]+@[^\s\p{Cc}@"(),:;<>[\\\].]+(?:\.[^\s\p{Cc}@"(),:;<>[\\\].]+)+$/u;

/** What UTS 46 makes of a domain, in ASCII; anything else that comes out is a URL's host, not a mail domain. */
const ASCII_DOMAIN = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$/;
/** What a URL's host becomes whose last name is a number. That is an address of a machine, and not the text that was given. */
const IPV4 = /^[0-9.]+$/;
/** ASCII that a URL parser would split at or decode. */
const NO_DOMAIN = /[^a-z0-9._\-\u0080-\u{10ffff}]/u;

/**
 * cleanText, then Unicode's lower case without a locale, then NFC, the domain in ASCII by UTS 46, and the rules of the
 * profile's providers. Every small sigma of a local part is written in the same way, so that the result does not depend on its
 * neighbours: lower-casing alone turns some capitals into a final sigma and others not. Total and idempotent; text that is not an
 * address comes back in some form that `emailFault` rejects.
 */
export function normaliseEmail(text: string, profile: Profile): string {
  const lower = lowerCase(cleanText(text));
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
  return ASCII_DOMAIN.test(ascii) && !IPV4.test(ascii) ? ascii : domain;
}

function localPart(local: string, domain: string, { dotless, tagless }: Profile): string {
  const untagged = tagless.includes(domain) ? local.replace(/\+.*$/su, "") : local;
  return dotless.includes(domain) ? untagged.replaceAll(".", "") : untagged;
}

/** Why a normalised address is not an identifier: it is empty, does not match the pattern above, or is over 254 bytes of UTF-8. */
export function emailFault(normalised: string): "empty" | "invalid" | undefined {
  if (normalised === "") return "empty";
  const domain = normalised.slice(normalised.lastIndexOf("@") + 1);
  const sound = EMAIL.test(normalised) && isAscii(domain) && Buffer.byteLength(normalised) <= EMAIL_BYTES_MAX;
  return sound && isWellFormed(normalised) ? undefined : "invalid";
}
