// Puts the bytes of the vectors into the examples of protocol-spec.md: `npm run vectors`. Notes and line breaks of bytes stay
// as they are; where an example has become longer or shorter, its lines have to be cut by hand.
import { readFileSync, writeFileSync } from "node:fs";
import { BYTES, SENTENCES, TEXTS } from "./examples.ts";
import { specExample } from "./tables.ts";

const FILE = new URL("../../protocol-spec.md", import.meta.url);
/** Characters of a line of text. */
const TEXT_WIDTH = 126;
const LENGTH_NOTE = /^(\s*; length of .*: )[\d,]+$/;

let spec = readFileSync(FILE, "utf8");

for (const [name, text] of Object.entries(TEXTS)) {
  replaceExample(name, text.match(new RegExp(`.{1,${TEXT_WIDTH}}`, "gsu")) ?? []);
}
for (const [name, [bytes, elided = ""]] of Object.entries(BYTES)) {
  const [left, right = ""] = bytes.split(Buffer.from(elided, "utf8").toString("hex") || " ");
  const lines = specExample(name);
  const at = lines.findIndex((line) => line.startsWith(".."));
  const halves =
    at < 0
      ? [cut(lines, left!)]
      : [cut(lines.slice(0, at), left!), [lines[at]!], cut(lines.slice(at + 1), right)];
  if (halves.some((half) => half === undefined))
    console.error(`cut by hand: the example "${name}" in protocol-spec.md`);
  else
    replaceExample(
      name,
      halves.flatMap((half) => half!),
    );
}
for (const [before, value, after] of SENTENCES) {
  const start = spec.indexOf(before) + before.length;
  spec = spec.slice(0, start) + value + spec.slice(spec.indexOf(after, start));
}
writeFileSync(FILE, spec);

/** The lines with `bytes` in the places of theirs; undefined for another number of bytes. */
function cut(lines: readonly string[], bytes: string): string[] | undefined {
  let at = 0;
  const written = lines.map((line) => {
    const [, hex = "", note = ""] = /^(\S*)(.*)$/s.exec(line) ?? [];
    const piece = bytes.slice(at, (at += hex.length));
    return piece + withLength(note, piece);
  });
  return at === bytes.length ? written : undefined;
}

/** A note that says a length as a number says the one that stands beside it, if that is a number of four bytes. */
function withLength(note: string, piece: string): string {
  const bytes = Buffer.from(piece, "hex");
  if (bytes.length !== 4) return note;
  return note.replace(
    LENGTH_NOTE,
    (_, words: string) => words + bytes.readUInt32LE().toLocaleString("en-US"),
  );
}

function replaceExample(name: string, lines: readonly string[]): void {
  const old = specExample(name)
    .map((line) => `    ${line}`)
    .join("\n");
  spec = spec.replace(old, () => lines.map((line) => `    ${line}`).join("\n"));
}
