// What is done to every identifier's text first: removing invisible traces of copying and typing.

/**
 * Soft hyphen, zero-width space and joiners, marks and overrides of direction, word joiner and invisible operators,
 * U+FEFF: they get into text that is copied from a page or a form, and are not part of an address or a number.
 */
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/gu;

/** The full-width forms of printable ASCII, U+FF01 to U+FF5E, that East Asian keyboards produce. */
const FULL_WIDTH = /[\uff01-\uff5e]/gu;

const ASCII = /^[\0-~]*$/;

export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

/** Half a surrogate pair, which UTF-8 cannot encode. */
const LONE_SURROGATE = /\p{Surrogate}/u;

export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

/** Without invisible characters, with full-width ASCII as ASCII, and trimmed. Total and idempotent. */
export function cleanText(text: string): string {
  if (isAscii(text)) return text.trim();
  return text
    .replaceAll(INVISIBLE, "")
    .replaceAll(FULL_WIDTH, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .trim();
}
