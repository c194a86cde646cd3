import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import fc from "fast-check";
import { expect, test } from "vitest";
import { IDENTIFIER_FAULTS } from "../../src/identifiers/faults.ts";
import { digestOf, normalise } from "../../src/identifiers/key.ts";
import { encodeIdentifier, keyLabel, PHONE_METADATA } from "../../src/identifiers/rules.ts";
import type { IdentifierType, KeyRules } from "../../src/identifiers/rules.ts";
import { PROFILE_NAMES, profileOf } from "../../src/identifiers/profiles.ts";

const iab = profileOf("iab")!;
function rules(type: IdentifierType, more: Partial<KeyRules> = {}): KeyRules {
  return { name: type, type, profile: iab, plus: true, hashed: false, ...more };
}
const sha = (text: string): Buffer => createHash("sha256").update(text).digest();

test.each([
  ["0170 1234567", "DE", "+491701234567"],
  ["+49 (0)170 123 45 67", "DE", "+491701234567"],
  ["00491701234567", "DE", "+491701234567"],
  ["00491701234567", undefined, "+491701234567"],
  ["491701234567", undefined, "+491701234567"],
  ["\uff0b\uff14\uff19\uff11\uff17\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17", "DE", "+491701234567"],
  ["+49\u200b1701234567", "US", "+491701234567"],
  ["+49 170 1234567 ext. 5", "DE", "+491701234567"],
  ["0170 1234567", undefined, undefined],
  ["06 6982", "IT", "+39066982"],
  ["000000", "DE", undefined],
  ["204 0803", "CA", undefined],
  ["+46 00906631021", "SE", undefined],
  ["911", "US", undefined],
  ["1234567890123456789", "US", undefined],
  ["call 650-555-1212", "US", undefined],
  ["n/a", "DE", undefined],
  ["491701234567.0", undefined, "+491701234567"],
  ["+491701234567.0", "US", "+491701234567"],
  ["491701234567.00", undefined, undefined],
  ["491701234567.5", undefined, undefined],
  ["4.9170123E+11", undefined, undefined],
  ["'+491701234567", "DE", "+491701234567"],
  ["\u201c0170 1234567\u201d", "DE", "+491701234567"],
  ["491701234567", "DE", undefined],
  ["12125554567", "DE", undefined],
  ["12125554567", "US", "+12125554567"],
  ["13812345678", "CN", "+8613812345678"],
  ["446681800", "CH", "+41446681800"],
  [" \u200b ", "DE", ""],
])("the phone number %j in %s is %s", (text, region, normalised) => {
  expect(normalise(rules("phone", { region }), [text])).toBe(normalised);
});

test("a phone number without its plus is another identifier", () => {
  const digits = rules("phone", { plus: false });
  expect(normalise(digits, ["+491701234567"])).toBe("491701234567");
  expect(keyLabel(digits)).not.toBe(keyLabel(rules("phone")));
});

test("the library that decides on phone numbers is the one that the agreement names", () => {
  const path = createRequire(import.meta.url).resolve("libphonenumber-js/package.json");
  const { version } = JSON.parse(readFileSync(path, "utf8")) as { version: string };
  expect(PHONE_METADATA).toBe(`libphonenumber-js ${version} min`);
});

test.each([
  ["EA7583CD-A667-48BC-B806-42ECB2B48606", "ea7583cd-a667-48bc-b806-42ecb2b48606"],
  [" ea7583cda66748bcb80642ecb2b48606", "ea7583cd-a667-48bc-b806-42ecb2b48606"],
  ["00000000-0000-0000-0000-000000000000", undefined],
  ["ea7583cd-a667-48bc-b806-42ecb2b4860", undefined],
  ["", ""],
])("the advertising id %j is %s", (text, normalised) => {
  expect(normalise(rules("maid"), [text])).toBe(normalised);
});

test("a postal address is its letters and digits, part by part", () => {
  const postal = rules("postal");
  const address = ["Zoë", "O\u2019Neil", "12-14 Main St.", "SW1A 1AA", "GB"];
  expect(normalise(postal, address)).toBe("zoë\u001foneil\u001f1214mainst\u001fsw1a1aa\u001fgb");
  const typed = ["ZOE\u0308", "ONeil", "12\u201314  main st", "sw1a1aa", "\uff27\uff22"];
  expect(normalise(postal, typed)).toBe(normalise(postal, address));
  expect(normalise(postal, ["ab", "c"])).not.toBe(normalise(postal, ["a", "bc"]));
  expect(normalise(postal, ["Zoë", " ", "x"])).toBeUndefined();
  expect(normalise(postal, [" ", "-"])).toBe("");
  expect(normalise(postal, ["Main St", "10115.0"])).toBe("mainst\u001f10115");
  expect(normalise(postal, ["Main St", "9007199254740993.0"])).toBeUndefined();
});

test("a custom identifier keeps its case, and its name is part of it", () => {
  const card = rules("custom", { name: "card" });
  expect(normalise(card, [" Ab\u200b-12e\u0301 "])).toBe("Ab-12\u00e9");
  expect(keyLabel(card)).not.toBe(keyLabel(rules("custom", { name: "patient" })));
});

test("a custom identifier that went through a float is the whole number, or none", () => {
  const card = rules("custom", { name: "card" });
  const texts = ["1001.0", "-7.0", "'1001.0", "0.0", "1001.5", "01.0", "1.0.0", "9007199254740991.0"];
  expect(texts.map((text) => normalise(card, [text]))).toEqual([
    "1001",
    "-7",
    "1001",
    "0",
    "1001.5",
    "01.0",
    "1.0.0",
    "9007199254740991",
  ]);
  for (const text of ["9007199254740992.0", "NULL", " n/a ", "\\N", "-"]) {
    expect(normalise(card, [text])).toBeUndefined();
  }
});

test("a digest is read in hexadecimal and Base64, as lists hold them", () => {
  const digest = sha("ann@example.com");
  const forms = [
    digest.toString("hex"),
    digest.toString("hex").toUpperCase(),
    ` ${digest.toString("base64")}`,
    digest.toString("base64").replace("=", ""),
    digest.toString("base64url"),
  ];
  const hashed = rules("email", { hashed: true });
  for (const form of forms) expect(digestOf(hashed, [form])).toEqual(digest);
  expect(digestOf(rules("email"), ["Ann@example.com"])).toEqual(digest);
  for (const bytes of ["\\x", "0x"]) {
    expect(digestOf(hashed, [bytes + digest.toString("hex")])).toEqual(digest);
  }
  for (const form of [digest.toString("hex").slice(1), "ann@example.com", `${"A".repeat(42)}B=`]) {
    expect(digestOf(hashed, [form])).toBe("invalid");
  }
  expect(digestOf(hashed, [" "])).toBe("empty");
  expect(digestOf(hashed, [sha("").toString("hex")])).toBe("empty");
});

test("the two Base64 alphabets and hexadecimal give any digest back", () => {
  const hashed = rules("phone", { hashed: true });
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const digest = Buffer.from(bytes);
      for (const form of ["hex", "base64", "base64url"] as const) {
        expect(digestOf(hashed, [digest.toString(form)])).toEqual(digest);
      }
    }),
  );
});

const ALL: KeyRules[] = [
  ...PROFILE_NAMES.map((name) => rules("email", { profile: profileOf(name)! })),
  ...[undefined, "DE", "US"].map((region) => rules("phone", { region })),
  rules("maid"),
  rules("custom"),
];
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("utf8")),
  fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("latin1")),
  fc.uint16Array().map((units) => String.fromCharCode(...units)),
  fc.string({
    unit: fc.constantFrom(...Array.from("+ab.@AB\u200b\uff0e\uff20gmail.com0123456789-() \u0130ßς")),
  }),
  fc.string({ unit: fc.constantFrom(...Array.from("0123456789+()- /")) }),
);

test("every normalisation is total, and idempotent on what it accepts", () => {
  fc.assert(
    fc.property(fc.constantFrom(...ALL), anyText, (key, text) => {
      const once = normalise(key, [text]);
      if (once !== undefined) expect(normalise(key, [once])).toBe(once);
      for (const hashed of [false, true]) {
        const digest = digestOf({ ...key, hashed }, [text]);
        if (typeof digest !== "string") expect(digest.length).toBe(32);
        else expect(IDENTIFIER_FAULTS).toContain(digest);
      }
    }),
    { numRuns: 5000 },
  );
});

test("the parts of a normalised postal address normalise to themselves", () => {
  fc.assert(
    fc.property(fc.array(anyText, { minLength: 1, maxLength: 4 }), (parts) => {
      const once = normalise(rules("postal"), parts);
      if (once !== undefined && once !== "") {
        expect(normalise(rules("postal"), once.split("\u001f"))).toBe(once);
      }
    }),
    { numRuns: 3000 },
  );
});

test("an encoded identifier is its label and its digest, each behind its length", () => {
  const digest = sha("x");
  const encoded = encodeIdentifier("email/iab-1", digest);
  const expected = `0b000000${Buffer.from("email/iab-1").toString("hex")}20000000${digest.toString("hex")}`;
  expect(Buffer.from(encoded).toString("hex")).toBe(expected);
});

test("no two keys of different rules share a label", () => {
  const labels = [
    ...["iab", "uid2", "google", "meta", "google-1"].map((name) =>
      keyLabel(rules("email", { profile: profileOf(name)! })),
    ),
    keyLabel(rules("phone")),
    keyLabel(rules("phone", { plus: false })),
    keyLabel(rules("maid")),
    keyLabel(rules("postal")),
    keyLabel(rules("custom", { name: "a" })),
    keyLabel(rules("custom", { name: "b" })),
  ];
  expect(new Set(labels).size).toBe(labels.length);
});
