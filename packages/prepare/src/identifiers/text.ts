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

/** What stands around a text that was quoted, double and single; an opening and a closing one need not belong together. */
const DOUBLE_QUOTES = '"\u201c\u201d\u201e\u201f\u00ab\u00bb';
const SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b\u2039\u203a";
/** What keeps a spreadsheet from reading the text as a formula or a number. */
export const APOSTROPHES_AHEAD = /^['\u2018\u2019\u201b]+/u;
const QUOTES = [DOUBLE_QUOTES, SINGLE_QUOTES];

/**
 * The text that an identifier is made of: `cleanText`, and as long as there are any, without a pair of quotes around it and
 * without an apostrophe in front. Quotes inside stay. Total and idempotent.
 */
export function identifierText(text: string): string {
  let bare = cleanText(text);
  for (;;) {
    const first = bare.slice(0, 1);
    const kind = first === "" ? undefined : QUOTES.find((quotes) => quotes.includes(first));
    if (kind === undefined) return bare;
    if (bare.length > 1 && kind.includes(bare.slice(-1))) bare = bare.slice(1, -1).trim();
    else if (APOSTROPHES_AHEAD.test(bare)) bare = bare.replace(APOSTROPHES_AHEAD, "").trim();
    else return bare;
  }
}

/** Quotes that no address contains: what they were to enclose is not certain. */
export function holdsQuotes(text: string): boolean {
  return !isAscii(text) && /[\u201a\u201c-\u201f\u00ab\u00bb\u2039\u203a]/u.test(text);
}

/** Without invisible characters, with full-width ASCII as ASCII, and trimmed. Total and idempotent. */
function cleanText(text: string): string {
  if (isAscii(text)) return text.trim();
  return text
    .replaceAll(INVISIBLE, "")
    .replaceAll(FULL_WIDTH, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .trim();
}
