import fc from "fast-check";
import { expect, test } from "vitest";
import { emailFault, normaliseEmail as normaliseBy } from "../../src/identifiers/email.ts";
import { profileOf } from "../../src/identifiers/profiles.ts";

const normaliseEmail = (text: string): string => normaliseBy(text, profileOf("iab")!);

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
  ["first.last+tag@gmail.com", "first.last+tag@gmail.com"],
  ["ann@B\u00dcCHER.example", "ann@xn--bcher-kva.example"],
  ["ann@bu\u0308cher.example", "ann@xn--bcher-kva.example"],
  ["ann@XN--BCHER-KVA.example", "ann@xn--bcher-kva.example"],
  ["ann@fa\u00df.de", "ann@xn--fa-hia.de"],
  ["ann@b\u00fccher\u3002example", "ann@xn--bcher-kva.example"],
  ["\uff41\uff4e\uff4e\uff20\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45\uff0e\uff4a\uff50", "ann@example.jp"],
  ["an\u200bn@exam\u00adple.com\u200e", "ann@example.com"],
  ["\u202aann@example.com\u202c", "ann@example.com"],
  ["\u7528\u6237@example.com", "\u7528\u6237@example.com"],
  ["'ann@example.com", "ann@example.com"],
  [" \u2019 ann@example.com", "ann@example.com"],
  ["\u201cann@example.com\u201d", "ann@example.com"],
  ["\u00ab'ann@example.com'\u00bb", "ann@example.com"],
  ["''o'neil@example.com''", "o'neil@example.com"],
  ["'a'b@example.com", "a'b@example.com"],
])("normalises %j", (text, normalised) => {
  expect(normaliseEmail(text)).toBe(normalised);
  expect(emailFault(normalised)).toBeUndefined();
});

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom(
      ...Array.from("Σσςİi\u0307ÅåA\u030a\u0345\u1fbe \ufeff\u2003@@..aZ\u200d\uff0e\uff20\uff21üß-"),
    ),
  }),
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
  expect(emailFault(normaliseEmail(" \t\u2003\ufeff\r\n"))).toBe("empty");
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
  "a@\u00fc%41.example",
  "a@xn--\u00fc.de",
  // Circled digits: UTS 46 makes numbers of them, and a URL's host of these an IPv4 address.
  "a@\u2460.\u2461",
  "a@\uff10x7f.\u2460",
  "a@b.\u2460",
  "a@\u2460.2.3.4",
  "a@\u00fc!x.de",
  "a@example.com\u201d",
  "a@example.com\u2019",
  "\u201ca@example.com",
  "a\u201eb@example.com",
  "a@example.com'",
  "a@exam_ple.com",
  "a@-example.com",
  "a@example-.com",
  `a@${"b".repeat(64)}.com`,
  "a\ud800@example.com",
])("refuses %j", (text) => {
  expect(emailFault(normaliseEmail(text))).toBe("invalid");
});

test("254 bytes are allowed, not 255, counted in UTF-8", () => {
  expect(emailFault(`${"a".repeat(242)}@example.com`)).toBeUndefined();
  expect(emailFault(`${"a".repeat(243)}@example.com`)).toBe("invalid");
  expect(emailFault(`${"é".repeat(121)}@example.com`)).toBeUndefined();
  expect(emailFault(`${"é".repeat(121)}a@example.com`)).toBe("invalid");
});
