import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { binVectors } from "./bins.ts";

test("bins.json is what the code makes: codewords, a piece of the matrix with its check, keys", async () => {
  const recorded: unknown = JSON.parse(readFileSync(new URL("bins.json", import.meta.url), "utf8"));
  expect(await binVectors()).toEqual(recorded);
});
