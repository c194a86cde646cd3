// The examples that the owners of the profiles publish. Where a page gives a digest, it is the page's.
import { expect, test } from "vitest";
import { digestOf, normalise } from "../../src/identifiers/key.ts";
import type { KeyRules } from "../../src/identifiers/rules.ts";
import { profileOf } from "../../src/identifiers/profiles.ts";

function rules(type: "email" | "phone", name: string, region?: string): KeyRules {
  const profile = profileOf(name)!;
  return { name: type, type, profile, plus: profile.plus, region, hashed: false };
}

function hashed(digest: Uint8Array | string): Buffer {
  expect(digest).toBeInstanceOf(Uint8Array);
  return Buffer.from(digest as Uint8Array);
}

// UID2 documentation, "Normalization and Encoding", section "Normalization Examples for Email".
const UID2_EMAIL = [
  ["user@example.com", "user@example.com", "tMmiiTI7IaAcPpQPFQ65uMVCWH8av9jw4cwf/F5HVRQ="],
  ["MyEmail@example.com", "myemail@example.com", "FsGNM28LJQ8OLZB0Us65ZYp07NrovJSGTCMSKnLMJ6U="],
  ["MYEMAIL@example.com", "myemail@example.com", "FsGNM28LJQ8OLZB0Us65ZYp07NrovJSGTCMSKnLMJ6U="],
  ["My.Email@example.com", "my.email@example.com", "4itTvG+HEnTzpiqzejyu1yFPwU1nYhWpaiQvz62hyB8="],
  ["JANESAOIRSE@example.com", "janesaoirse@example.com", "1mcOepIAfxtf94Xx/IHlOqbT170GvfXEc83HKGwoS20="],
  ["Jane.Saoirse@example.com", "jane.saoirse@example.com", "sZZDLHuYmiypHIN5mVfFFdpT5sE6vyC3j+qU8RfpC/g="],
  [
    "JaneSaoirse+Work@example.com",
    "janesaoirse+work@example.com",
    "KKruSBUjDNO069iMUVImVQZm6RrAGZKeOtrD9mwogYA=",
  ],
  ["JANE.SAOIRSE@gmail.com", "janesaoirse@gmail.com", "ku4mBX7Z3qJTXWyLFB1INzkyR2WZGW4ANSJUiW21iI8="],
  ["Jane.Saoirse@gmail.com", "janesaoirse@gmail.com", "ku4mBX7Z3qJTXWyLFB1INzkyR2WZGW4ANSJUiW21iI8="],
  ["JaneSaoirse+Work@gmail.com", "janesaoirse@gmail.com", "ku4mBX7Z3qJTXWyLFB1INzkyR2WZGW4ANSJUiW21iI8="],
] as const;

test.each(UID2_EMAIL)("uid2: %s is %s", (text, normalised, base64) => {
  expect(normalise(rules("email", "uid2"), [text])).toBe(normalised);
  expect(hashed(digestOf(rules("email", "uid2"), [text])).toString("base64")).toBe(base64);
});

// The same page, section "Phone Number Normalization"; the digest from "Phone Number Hash Encoding".
test.each([
  ["1 (234) 567-8901", undefined, "+12345678901"],
  ["1 (234) 567-8901", "US", "+12345678901"],
  ["65 1243 5678", undefined, "+6512435678"],
  ["(02) 1234 5678", "AU", "+61212345678"],
])("uid2: %s in %s is %s", (text, region, normalised) => {
  expect(normalise(rules("phone", "uid2", region), [text])).toBe(normalised);
});

test("uid2: the digest of a phone number", () => {
  const digest = digestOf(rules("phone", "uid2"), ["+12345678901"]);
  expect(hashed(digest).toString("base64")).toBe("EObwtHBUqDNZR33LNSMdtt5cafsYFuGmuY4ZLenlue4=");
});

// Meta, "Customer Information Parameters": em and ph.
test("meta: the documented address and number", () => {
  const email = digestOf(rules("email", "meta"), [" John_Smith@gmail.com"]);
  expect(hashed(email).toString("hex")).toBe(
    "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
  );
  const phone = rules("phone", "meta", "US");
  expect(normalise(phone, ["(650)555-1212"])).toBe("16505551212");
  expect(hashed(digestOf(phone, ["(650)555-1212"])).toString("hex")).toBe(
    "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",
  );
});

// Google Ads API, "Normalize and hash user-provided data": the rule on dots (google-1); Google Data Manager API,
// "Format user data": its example with a tag (google-2). The domain is kept as it is.
test.each([
  ["google-1", "Cloudy.SanFrancisco@Gmail.com", "cloudysanfrancisco@gmail.com"],
  ["google-1", "Cloudy.SanFrancisco+Shopping@Gmail.com", "cloudysanfrancisco+shopping@gmail.com"],
  ["google-1", "a.b@googlemail.com", "ab@googlemail.com"],
  ["google-2", " Cloudy.SanFrancisco+Shopping@Gmail.com ", "cloudysanfrancisco@gmail.com"],
  ["google-2", "a.b+c@googlemail.com", "ab@googlemail.com"],
  ["google-2", "a.b+c@Example.com", "a.b+c@example.com"],
  ["google", "a.b+c@gmail.com", "ab@gmail.com"],
])("%s: %s is %s", (profile, text, normalised) => {
  expect(normalise(rules("email", profile), [text])).toBe(normalised);
});

test.each([
  ["+12125650000", undefined, "+12125650000"],
  ["(212) 565-0000", "US", "+12125650000"],
  ["020 7031 3000", "GB", "+442070313000"],
])("google: the number %s in %s is %s", (text, region, normalised) => {
  expect(normalise(rules("phone", "google", region), [text])).toBe(normalised);
});

// IAB: trim, lower case, SHA-256 in hexadecimal; "abc@example.com" hashed by coreutils' sha256sum.
test("iab: an address with blanks and capitals", () => {
  const digest = digestOf(rules("email", "iab"), ["  USER@Example.com "]);
  expect(hashed(digest).toString("hex")).toBe(
    "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514",
  );
});

// libphonenumber, README, "Quick Examples": the same Swiss number as it is dialled there and as others write it.
test.each([
  ["044 668 18 00", "CH"],
  ["446681800", "CH"],
  ["+41 44 668 18 00", undefined],
  ["011 41 44 668 1800", "US"],
])("libphonenumber: %s in %s is +41446681800", (text, region) => {
  expect(normalise(rules("phone", "iab", region), [text])).toBe("+41446681800");
});
