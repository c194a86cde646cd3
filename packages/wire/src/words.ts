// Text that somebody else wrote, such as a partner's names, for a terminal, a page or a file: nothing in it is obeyed, hidden or
// taken for our own words. Properties of characters are those of Unicode (UAX #44).

/**
 * What a terminal might obey or hide: control characters (escape sequences begin with one), formatting characters (direction
 * marks, zero-width ones), line separators, halves of surrogate pairs, private use, unassigned, fillers and other blanks without
 * a width.
 */
const OBEYED = String.raw`[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]`;

/** In a cell of a table it would look like another line or column, or like something that is not there. */
const MISTAKEN_IN_CELL = [
  // Every blank but single ones inside.
  String.raw`(?! )\p{Z}`,
  "^ | $|(?<= ) ",
  // Lines of tables.
  String.raw`[\u2500-\u259f]`,
  // Marks that would sit on our own quotation mark, or pile up over other lines.
  String.raw`(?<![\p{L}\p{N}\p{M}])\p{M}|(?<=\p{M}{3})\p{M}|\p{Me}`,
];

/** In a sentence it would look like the end of the name. One apostrophe does not, two look like a quotation mark. */
const MISTAKEN_IN_QUOTES = [
  String.raw`(?!')\p{Quotation_Mark}`,
  String.raw`[\\\u02ba\u02dd\u02ee\u02f6\u05f4\u2033\u2034\u2036\u2037\u2057\u275b-\u2760\u3003\u{1f676}-\u{1f678}]`,
  "(?<=['`´ʹʻʼʽˈˊˋ׳′‵])['`´ʹʻʼʽˈˊˋ׳′‵]",
];

const HARMFUL = new RegExp(OBEYED, "gu");
const HARMFUL_IN_QUOTES = new RegExp([OBEYED, ...MISTAKEN_IN_CELL, ...MISTAKEN_IN_QUOTES].join("|"), "gu");
/** Text in quotation marks is what `quoted` made of something. */
const HARMFUL_IN_CELL = new RegExp(['^"', OBEYED, ...MISTAKEN_IN_CELL].join("|"), "u");

/** Sentences of ours on one line, as a last guard: what a terminal might obey or hide is spelled out as \u{hex}. */
export function printable(text: string): string {
  return text.replace(HARMFUL, spelled);
}

/** A name that is not ours, between quotation marks that it cannot contain; different names never look the same by being spelled out. */
export function quoted(name: string): string {
  return `"${name.replace(HARMFUL_IN_QUOTES, spelled)}"`;
}

/** A name for a cell of a table, or a heading: in quotation marks only where it could be mistaken there. */
export function named(name: string): string {
  return name === "" || HARMFUL_IN_CELL.test(name) ? quoted(name) : name;
}

function spelled(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
