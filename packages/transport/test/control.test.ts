// Control messages have one form each, and no other text is one.
import { expect, it } from "vitest";
import { decodeControl, encodeControl, type Control } from "../src/link/control.ts";

const COUNT_MAX = 2 ** 32 - 1;
const NAME = "0123456789abcdef".repeat(4);
const decoded = (text: string) => decodeControl(Buffer.from(text, "latin1"));

it("the largest counts pass", () => {
  for (const control of [
    { type: "link", id: NAME, received: COUNT_MAX },
    { type: "taken", count: COUNT_MAX },
    { type: "end", count: COUNT_MAX, close: 4999 },
  ] satisfies Control[])
    expect(decoded(encodeControl(control))).toEqual(control);
});

it.each([
  "4294967296",
  "9999999999",
  "10000000000",
  "00",
  "01",
  "-1",
  "+1",
  "1.0",
  "1e3",
  " 1",
  "1 ",
  "",
  "١",
])("%j is no count", (count) => {
  for (const text of [`link ${NAME} ${count}`, `taken ${count}`, `end ${count} 1000`])
    expect(() => decoded(text)).toThrow(expect.objectContaining({ code: "malformed" }));
});

it.each([
  "0000",
  "0100",
  "0999",
  "1001",
  "1006",
  "1015",
  "2000",
  "3000",
  "3999",
  "5000",
  "9999",
  "100",
  "10000",
  "4e03",
])("%j is no close code of an end", (close) => {
  expect(() => decoded(`end 12 ${close}`)).toThrow(expect.objectContaining({ code: "malformed" }));
});

it("whatever is decoded is encoded as the same bytes", () => {
  const words = ["link", "taken", "end", "ended", " ", "0", "7", "42", "1000", "4003", "0000", NAME, "\n"];
  let read = 0;
  const follow = (text: string, left: number): void => {
    const control = controlOf(text);
    if (control !== undefined) {
      expect(encodeControl(control)).toBe(text);
      read++;
    }
    if (left > 0) for (const word of words) follow(text + word, left - 1);
  };
  follow("", 4);
  for (const word of words) for (const close of words) follow(`end ${word} ${close}`, 1);
  expect(read).toBeGreaterThan(20);
});

function controlOf(text: string): Control | undefined {
  try {
    return decoded(text);
  } catch {
    return undefined;
  }
}
