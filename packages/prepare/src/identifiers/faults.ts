// Why a text is no identifier: the forms that real lists have, and what their owner can do about each.

/** Words that databases and data frames write where there is nothing, in lower case. */
const NULL_WORDS = [
  "null",
  "(null)",
  "<null>",
  "n/a",
  "#n/a",
  "na",
  "nan",
  "none",
  "nil",
  "\\n",
  "-",
  "--",
  "?",
];

/** Whether the text stands for a missing value wherever it occurs; it is nobody's identifier. */
export function isNullWord(text: string): boolean {
  return text.length <= 6 && NULL_WORDS.includes(text.toLowerCase());
}

/** SQL for the same, over a trimmed text. */
export const NULL_WORDS_SQL = NULL_WORDS.map((word) => `'${word}'`).join(", ");

export const NULL_WORD_REMEDY =
  "If the word means that there is no value, say so: --null-word WORD (nullWords in a definition).";

/** The words of each fault, as a reason has them, and the remedy. The order is the faults' number in the engine, from 1. */
const FAULTS = {
  empty: ["empty", undefined],
  invalid: ["invalid", undefined],
  word: ["a word for NULL", NULL_WORD_REMEDY],
  exponent: [
    "a number with an exponent, which may lack digits",
    "Export the column as text or as a whole number.",
  ],
  fraction: ["a number with a fraction", "Export the column as text or as a whole number."],
  imprecise: [
    "a number beyond what a float holds exactly",
    "Export the column as text or as a 64-bit integer: the last digits are lost.",
  ],
  bytes: [
    "bytes that are neither text in UTF-8 nor a digest",
    "Export the column as text; declare the key as hashed (--hashed KEY) if it holds SHA-256 digests.",
  ],
  several: [
    "several in one cell",
    'Say what stands between them: --split KEY=";" (split in a definition); the first that is one then counts.',
  ],
  country: [
    "perhaps a country code without +",
    "Write + before international numbers and the leading zero before national ones, or leave out the region if all are international.",
  ],
} as const satisfies Record<string, readonly [string, string | undefined]>;

/** Why a row has no identifier: there is no text, or none that the type allows. */
export type IdentifierFault = keyof typeof FAULTS;

export const IDENTIFIER_FAULTS = Object.keys(FAULTS) as IdentifierFault[];

/** The end of a reason, and the remedy if there is one. */
export function faultWords(fault: IdentifierFault): readonly [words: string, remedy: string | undefined] {
  return FAULTS[fault];
}

/** Begins the text of a value that the engine found to be at fault; U+10FFFF is no character, so that no text begins so. */
const MARK = "\u{10ffff}";

/** Stands for a value in the place of its text. */
export function faultMark(fault: IdentifierFault): string {
  return MARK + fault;
}

/** The fault that the text stands for; undefined for a text. */
export function markedFault(text: string): IdentifierFault | undefined {
  return text.startsWith(MARK) ? IDENTIFIER_FAULTS.find((fault) => text === faultMark(fault)) : undefined;
}
