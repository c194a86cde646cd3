// Reads JSON with each number kept as its text.

/** A JSON string, or a JSON number outside of strings: strings are matched whole, so that digits inside them are left alone. */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** JSON.parse with every number as its literal, a string. The caller checks the shape. Throws SyntaxError. */
export function exactNumbers(text: string): unknown {
  return JSON.parse(
    text.replace(STRING_OR_NUMBER, (token) => (token.startsWith('"') ? token : `"${token}"`)),
  );
}
