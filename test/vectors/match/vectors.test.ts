import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { binVectors } from "./bins.ts";
import { vectorExample } from "./vector.ts";

const recorded = (file: string): unknown => JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8"));

test("bins.json is what the code makes: codewords, a piece of the matrix with its check, keys", async () => {
  expect(await binVectors()).toEqual(recorded("bins.json"));
});

test("vector.json is what the code makes: a vector with its check, keys", async () => {
  expect(await vectorExample()).toEqual(recorded("vector.json"));
});
