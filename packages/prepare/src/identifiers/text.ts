// What every identifier's text goes through first: the marks of copying and typing that no reader sees.

/**
 * Soft hyphen, zero-width space and joiners, marks and overrides of direction, word joiner and invisible operators,
 * U+FEFF: they come along when text is copied from a page or a form, and are no part of an address or a number.
 */
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/gu;

/** The full-width forms of printable ASCII, U+FF01 to U+FF5E, that East Asian keyboards write. */
const FULL_WIDTH = /[\uff01-\uff5e]/gu;

const ASCII = /^[\0-~]*$/;

export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

/** Half a surrogate pair: UTF-8 has no bytes for it. */
const LONE_SURROGATE = /\p{Surrogate}/u;

export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

/** Without invisible characters, full-width forms of ASCII as ASCII, no blanks at either end. Total and idempotent. */
export function cleanText(text: string): string {
  if (isAscii(text)) return text.trim();
  return text
    .replaceAll(INVISIBLE, "")
    .replaceAll(FULL_WIDTH, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .trim();
}
