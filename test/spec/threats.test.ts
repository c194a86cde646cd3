// Who is protected against whom is said once: README.md, section 18 and test/attacks have the same rows, and claims that were found
// to be untrue stay out of what people read.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tableIn } from "./tables.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");
const threats = (path: string) => tableIn(read(path), "threats");

test("README.md and section 18 say the same of who is protected against whom", () => {
  expect(threats("README.md")).toEqual(threats("protocol-spec.md"));
});

describe("test/attacks/README.md", () => {
  const rows = threats("test/attacks/README.md");
  const named = rows.flatMap(([, shown]) => shown!.match(/(?:test|packages)\/[\w./-]+/g) ?? []);

  test("has the rows of section 18", () => {
    expect(rows.map(([against]) => against)).toEqual(threats("protocol-spec.md").map(([against]) => against));
  });

  test("names tests that exist", () => {
    expect(named.filter((path) => !existsSync(new URL(path, ROOT)))).toEqual([]);
  });

  test("names every test of its folder", () => {
    const files = readdirSync(new URL("test/attacks", ROOT)).filter((name) => name.endsWith(".test.ts"));
    expect(files.filter((name) => !named.includes(`test/attacks/${name}`))).toEqual([]);
  });
});

/** What noise, threshold and match do not do: each phrase once stood somewhere, and promised too much. */
const UNTRUE = [
  /stays uncertain/i,
  /single bits of/i,
  /learns? single bits/i,
  /never who (matched|is in)/i,
  /nobody can tell/i,
  /nobody, the partner included/i,
  /nobody sees a match/i,
  /nobody can change unseen/i,
  /nobody knows which of their people/i,
  /nothing about who/i,
  /open it despite the rule/i,
  /noise (protects|guards|helps) against/i,
];

const filesIn = (folder: string, ending: RegExp, recursive = true) =>
  readdirSync(new URL(folder, ROOT), { recursive, encoding: "utf8" })
    .filter((name) => ending.test(name))
    .map((name) => join(folder, name));

const TEXTS = [
  ...filesIn(".", /\.md$/, false),
  ...filesIn("docs", /\.md$/),
  ...filesIn("examples", /\.js$/),
  ...readdirSync(new URL("packages", ROOT)).flatMap((name) => [
    ...filesIn(join("packages", name), /^README\.md$/, false),
    ...filesIn(join("packages", name, "src"), /\.ts$/),
  ]),
];

test("the texts are there", () => {
  expect(TEXTS.length).toBeGreaterThan(400);
});

/** With line breaks, and the marks of comments after them, as blanks. */
const flowing = (text: string) => text.replace(/\s*\n\s*(?:\/\/|\*(?!\/))?\s*/g, " ");

test.each(UNTRUE)("nothing that people read says %s", (phrase) => {
  const guilty = TEXTS.filter((path) => phrase.test(flowing(read(path))));
  expect(guilty).toEqual([]);
});
