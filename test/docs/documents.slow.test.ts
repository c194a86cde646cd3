// Pages with many commands, or with such as take minutes, typed whole.
import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import { blocksOf } from "./blocks.ts";
import { LONG_PAGES, USER_PAGES } from "./pages.ts";
import { PreparedPair } from "./prepared-pair.ts";
import { ROOT, typeDocument } from "./typing.ts";

const slow = USER_PAGES.filter(
  (path) => LONG_PAGES.includes(path) || blocksOf(join(ROOT, path)).some((block) => block.slow !== undefined),
);

let pair: PreparedPair;
beforeAll(async () => {
  pair = await PreparedPair.make();
});
afterAll(() => pair.close());

test.each(slow)("all commands of %s work as they stand", async (path) => {
  await typeDocument(join(ROOT, path), pair, true);
});
