import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDecimal } from "../src/decimal.ts";

test.each([
  ["0", 2, 0],
  ["12.5", 2, 1250],
  ["+12.50", 2, 1250],
  ["-0.07", 2, -7],
  ["007", 0, 7],
  ["1.2000", 1, 12],
  ["1.000", 0, 1],
  ["0.1", 18, 100000000000000000n],
  ["90071992547409.93", 2, 9007199254740993n],
  ["-123456789012345678901234567890", 0, -123456789012345678901234567890n],
])("%s with %i decimals is %s", (text, decimals, scaled) => {
  expect(BigInt(parseDecimal(text, decimals))).toBe(BigInt(scaled));
});

test.each([
  "",
  " 1",
  "1 ",
  "abc",
  "1e3",
  ".5",
  "5.",
  "+",
  "-",
  "--1",
  "1,5",
  "0x10",
  "NaN",
  "Infinity",
  "٣",
  "1.2.3",
])("%j is no decimal number", (text) => {
  expect(parseDecimal(text, 2)).toBe("not a decimal number");
});

test("digits past the declared decimals are refused unless they are zeros", () => {
  expect(parseDecimal("1.005", 2)).toBe("too many decimals");
  expect(parseDecimal("1.0000000000000000001", 2)).toBe("too many decimals");
  expect(parseDecimal("0.5", 0)).toBe("too many decimals");
});

test("parses whatever BigInt arithmetic writes, exactly", () => {
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.nat(20), fc.nat(5), (scaled, decimals, zeros) => {
      const unit = 10n ** BigInt(decimals);
      const magnitude = scaled < 0n ? -scaled : scaled;
      const fraction =
        (magnitude % unit).toString().padStart(decimals, "0").slice(0, decimals) + "0".repeat(zeros);
      const text = `${scaled < 0n ? "-" : ""}${magnitude / unit}${fraction === "" ? "" : `.${fraction}`}`;
      const parsed = parseDecimal(text, decimals);
      expect(BigInt(parsed)).toBe(scaled);
      if (typeof parsed === "number") expect(Number.isSafeInteger(parsed)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
