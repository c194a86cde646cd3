// JSON whose numbers are read as the text that they are written with.

/** A JSON string, or a JSON number outside of strings: strings are matched whole, so their digits stay alone. */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** JSON.parse with every number as its literal, a string. The caller checks the shape. Throws SyntaxError. */
export function exactNumbers(text: string): unknown {
  return JSON.parse(
    text.replace(STRING_OR_NUMBER, (token) => (token.startsWith('"') ? token : `"${token}"`)),
  );
}
