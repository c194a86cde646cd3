// The lines that `--link` takes.
import { expect, test } from "vitest";
import { lineSpecs, lineText } from "../src/line/line.ts";

test.each([
  ["80ms,100mbit", { rttMs: 80, mbit: 100, lossPercent: 0 }],
  ["200ms,1000mbit,1%", { rttMs: 200, mbit: 1000, lossPercent: 1 }],
  ["0.5ms,2.5mbit,0.1%", { rttMs: 0.5, mbit: 2.5, lossPercent: 0.1 }],
])("%s", (text, spec) => {
  expect(lineSpecs(text)).toEqual([spec]);
  expect(lineText(spec)).toBe(text);
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
  expect(() => lineSpecs(text)).toThrow("80ms,100mbit");
});

test("several, none among them", () => {
  const specs = lineSpecs("none/80ms,100mbit/200ms,1000mbit,1%");
  expect(specs.map(lineText)).toEqual(["none", "80ms,100mbit", "200ms,1000mbit,1%"]);
  expect(specs[0]).toBeUndefined();
});

test.each(["none/", "none,80ms,100mbit", "80ms,100mbit/fast"])("%j is refused", (text) => {
  expect(() => lineSpecs(text)).toThrow("none");
});
