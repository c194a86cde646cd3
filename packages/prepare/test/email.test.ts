import fc from "fast-check";
import { expect, test } from "vitest";
import { emailFault, normaliseEmail } from "../src/email.ts";

test.each([
  ["  Ann.Lee@Example.COM\t", "ann.lee@example.com"],
  ["\u00a0\ufeffx@y.z\u3000\r\n", "x@y.z"],
  ["ZOE\u0308@EXAMPLE.com", "zo\u00eb@example.com"],
  ["\u0130stanbul@example.com", "i\u0307stanbul@example.com"],
  ["I\u0307stanbul@example.com", "i\u0307stanbul@example.com"],
  ["ΟΔΥΣΣΕΥΣ@example.com", "οδυσσευσ@example.com"],
  ["οδυσσευς@example.com", "οδυσσευσ@example.com"],
  ["\u212b@example.com", "\u00e5@example.com"],
  ["Straße@example.com", "straße@example.com"],
  ["first.last+tag@example.com", "first.last+tag@example.com"],
])("normalises %j", (text, normalised) => {
  expect(normaliseEmail(text)).toBe(normalised);
  expect(emailFault(normalised)).toBeUndefined();
});

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(...Array.from("Σσςİi\u0307ÅåA\u030a\u0345\u1fbe \ufeff\u2003@.aZ")) }),
);

test("normalising is total and idempotent", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const once = normaliseEmail(text);
      expect(normaliseEmail(once)).toBe(once);
    }),
    { numRuns: 2000 },
  );
});

test("canonically equivalent spellings and both cases of plain letters are one identifier", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(normaliseEmail(text.normalize("NFD"))).toBe(normaliseEmail(text.normalize("NFC")));
      expect(normaliseEmail(text.toLowerCase())).toBe(normaliseEmail(text));
    }),
    { numRuns: 2000 },
  );
});

test("every single character normalises to a fixed point, alike from NFC and NFD", () => {
  const failed: string[] = [];
  for (let code = 0; code < 0x110000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const character = String.fromCodePoint(code);
    const normalised = normaliseEmail(character);
    const alike =
      normaliseEmail(normalised) === normalised && normaliseEmail(character.normalize("NFD")) === normalised;
    if (!alike) failed.push(code.toString(16));
  }
  expect(failed).toEqual([]);
});

test("an address with nothing but blanks is empty", () => {
  expect(emailFault(normaliseEmail(" \t\u2003\ufeff\r\n"))).toBe("email: empty");
});

test.each([
  "nobody",
  "@example.com",
  "a@",
  "a@localhost",
  "a@example.",
  "a@.com",
  "a@example..com",
  "a@@example.com",
  "a@b@example.com",
  "a b@example.com",
  "a@exam\u00a0ple.com",
  "a\u0000@example.com",
  "a\u0085@example.com",
  "a,b@example.com",
  "a@example.com;b@example.com",
  "<a@example.com>",
  "mailto:a@example.com",
  '"a b"@example.com',
  "a(b)@example.com",
  "a\\b@example.com",
  "a@[127.0.0.1]",
])("refuses %j", (text) => {
  expect(emailFault(normaliseEmail(text))).toBe("email: invalid");
});

test("254 bytes are allowed, not 255, counted in UTF-8", () => {
  expect(emailFault(`${"a".repeat(242)}@example.com`)).toBeUndefined();
  expect(emailFault(`${"a".repeat(243)}@example.com`)).toBe("email: invalid");
  expect(emailFault(`${"é".repeat(121)}@example.com`)).toBeUndefined();
  expect(emailFault(`${"é".repeat(121)}a@example.com`)).toBe("email: invalid");
});
