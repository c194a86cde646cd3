// JSON text that a terminal can show.

/**
 * Left as they are by JSON.stringify, but a terminal may obey or hide them: DEL, C1 controls, direction overrides, zero-width
 * characters and the like. Outside of strings JSON has none of them but the line end.
 */
const OBEYED = /(?!\n)[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** JSON.stringify of a value of plain JSON types, with characters that a terminal may obey escaped inside strings; on one line without `indent`. */
export function plainJson(value: unknown, indent?: number): string {
  return withEscapes(JSON.stringify(value, undefined, indent));
}

/** The same for what is JSON text already; it stays the same JSON. */
export function withEscapes(json: string): string {
  return json.replace(OBEYED, (character) =>
    Array.from({ length: character.length }, (_, i) => escaped(character.charCodeAt(i))).join(""),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}
