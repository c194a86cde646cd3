// JSON text that a terminal can show.

/** Left as they are by JSON.stringify, but a terminal may obey them: DEL, C1 controls, direction overrides, zero-width characters. */
const OBEYED = /[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** JSON.stringify of a value of plain JSON types, on one line, with characters that a terminal may obey escaped inside strings. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(
    OBEYED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
