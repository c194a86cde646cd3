// The examples of protocol-spec.md are the bytes of the vectors; `npm run vectors` writes both.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BYTES, SENTENCES, TEXTS } from "./examples.ts";
import { specExample, specExamples } from "./tables.ts";

test.each(Object.entries(TEXTS))("%s", (name, text) => {
  expect(specExample(name).join("")).toBe(text);
});

test.each(Object.entries(BYTES))("%s", (name, [bytes, elided = ""]) => {
  const written = specExample(name).map((line) => line.split(";")[0]!.trim());
  expect(written.join("").replace("..", Buffer.from(elided, "utf8").toString("hex"))).toBe(bytes);
});

test.each(SENTENCES)("%s...", (before, value, after) => {
  const spec = readFileSync(new URL("../../protocol-spec.md", import.meta.url), "utf8");
  expect(spec).toContain(`${before}${value}${after}`);
});

test("there is no other example", () => {
  expect(specExamples().toSorted()).toEqual([...Object.keys(TEXTS), ...Object.keys(BYTES)].toSorted());
});
