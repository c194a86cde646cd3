// Every command in README.md and docs/ is typed, as a reader would, or its block says why not.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { blocksOf, proseOf } from "./blocks.ts";
import { LONG_PAGES, USER_PAGES } from "./pages.ts";
import { PreparedPair } from "./prepared-pair.ts";
import { ROOT, isShell, typeDocument, typedBlocks } from "./typing.ts";

/** What a page says its commands print. */
const PRINTED: Readonly<Record<string, readonly RegExp[]>> = {
  "docs/walk-through.md": [
    /The partner's policy asks a person/,
    /with publisher[^]*│ campaign +│/,
    /at\s+least\s+50\s+matched\s+people/,
    /The audit log is intact/,
    /Receipt of session [0-9a-f]{64}/,
  ],
};

/** A line that a reader would type. */
const COMMAND =
  /^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:halfroom|npm|npx|node|git|sudo|systemctl|curl|\.ci\/run)\b(?! is| are)/m;

let pair: PreparedPair;
beforeAll(async () => {
  pair = await PreparedPair.make();
});
afterAll(() => pair.close());

const typed = USER_PAGES.filter(
  (path) => !LONG_PAGES.includes(path) && typedBlocks(join(ROOT, path), false).length > 0,
);

test("pages have commands", () => {
  expect(typed.length).toBeGreaterThan(3);
});

test.each(typed)("the commands of %s work as they stand", async (path) => {
  const printed = await typeDocument(join(ROOT, path), pair);
  for (const promised of PRINTED[path] ?? []) expect(printed).toMatch(promised);
});

test.each(USER_PAGES)("%s has commands only where something types them", (path) => {
  const elsewhere = blocksOf(join(ROOT, path)).filter((block) => !isShell(block) && COMMAND.test(block.text));
  expect(elsewhere.map(({ place }) => place)).toEqual([]);
  const indented = proseOf(join(ROOT, path)).filter(({ text }) => /^ {4}/.test(text) && COMMAND.test(text));
  expect(indented).toEqual([]);
});
