// More lies than the quick test has.
import { expect, test } from "vitest";
import { play } from "./play.ts";
import { playRelease } from "./release.ts";

test.each([
  ["releases", playRelease, 10_000],
  ["sessions", play, 300],
] as const)("%s with a liar", async (_, playOne, count) => {
  for (let i = 0; i < count; i++) {
    const { fault, ...about } = await playOne(`slow ${i}`);
    expect(fault, JSON.stringify(about)).toBeUndefined();
  }
});
