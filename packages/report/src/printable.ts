// Makes text from a file or from the partner safe for a terminal.

/**
 * What a terminal might obey or hide: control characters (escape sequences begin with one), formatting characters
 * (direction overrides, zero-width ones), line separators, halves of surrogate pairs, private use, unassigned.
 */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** The text with each unprintable character spelled out as \u{hex}. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
