// The lines that `--link` takes.
import { expect, test } from "vitest";
import { lineSpec } from "../src/line/line.ts";

test.each([
  ["80ms,100mbit", { rttMs: 80, mbit: 100, lossPercent: 0 }],
  ["200ms,1000mbit,1%", { rttMs: 200, mbit: 1000, lossPercent: 1 }],
  ["0.5ms,2.5mbit,0.1%", { rttMs: 0.5, mbit: 2.5, lossPercent: 0.1 }],
])("%s", (text, spec) => {
  expect(lineSpec(text)).toEqual(spec);
});

test.each([
  "",
  "80ms",
  "100mbit,80ms",
  "80ms,0mbit",
  "80,100",
  "80ms,100mbit,1",
  "-80ms,100mbit",
  "80ms,100mbit,100%",
])("%j is refused with an example", (text) => {
  expect(() => lineSpec(text)).toThrow("80ms,100mbit");
});
