import { expect } from "vitest";

/** A second, independent reading of RFC 4180: one state machine over characters. */
export function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (quoted && character === '"' && text[i + 1] === '"') field += text[i++];
    else if (character === '"') quoted = !quoted;
    else if (quoted) field += character;
    else if (character === "," || character === "\n") {
      row.push(character === "\n" ? field.replace(/\r$/, "") : field);
      field = "";
      if (character === "\n") rows.push(row.splice(0));
    } else field += character;
  }
  expect(quoted || field !== "" || row.length > 0, "text after the last line").toBe(false);
  return rows;
}
