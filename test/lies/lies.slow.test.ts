// More lies than the quick test has.
import { afterAll, expect, test } from "vitest";
import { pool } from "./cases.ts";
import { play } from "./play.ts";
import { playRelease } from "./release.ts";

afterAll(() => pool.close());

test.each([
  ["releases", playRelease, 10_000],
  ["sessions", play, 300],
] as const)("%s with a liar", async (_, playOne, count) => {
  for (let i = 0; i < count; i++) {
    const { fault, ...about } = await playOne(`slow ${i}`);
    expect(fault, JSON.stringify(about)).toBeUndefined();
  }
});
