// E-mail addresses as identifiers, profile "email" version 1 (protocol-spec.md, section "Identifiers").

/** RFC 5321, 4.5.3.1.3: a path is 256 octets, two of which are its angle brackets. */
const EMAIL_BYTES_MAX = 254;

// One "@"; something before it; behind it at least two names joined by dots. No blank, control character or special of
// RFC 5322 anywhere: quoted local parts, comments, display names, lists and address literals are not told apart from
// mess. Both halves of the rule are the same set; the domain's names hold no dot either.
const EMAIL = /^[^\s\p{Cc}@"(),:;<>[\\\]]+@[^\s\p{Cc}@"(),:;<>[\\\].]+(?:\.[^\s\p{Cc}@"(),:;<>[\\\].]+)+$/u;

/**
 * Blanks at both ends go (ECMAScript's WhiteSpace and LineTerminator: Unicode's spaces, tab, line ends, U+FEFF), then
 * Unicode's lower case without a locale, then NFC. Every small sigma is written the same, so that the result depends on
 * no neighbour: lower-casing alone would make a final sigma of some capitals and not of others. Total and idempotent.
 */
export function normaliseEmail(text: string): string {
  const lower = text.trim().toLowerCase();
  return isAscii(lower) ? lower : lower.replaceAll("ς", "σ").normalize("NFC");
}

/** Why a normalised address is no identifier: it is empty, off the pattern above, or over 254 bytes of UTF-8. */
export function emailFault(normalised: string): "email: empty" | "email: invalid" | undefined {
  if (normalised === "") return "email: empty";
  return EMAIL.test(normalised) && Buffer.byteLength(normalised) <= EMAIL_BYTES_MAX
    ? undefined
    : "email: invalid";
}

function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}
