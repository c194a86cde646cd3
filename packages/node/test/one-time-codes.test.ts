// One-time codes against the values that RFC 6238 publishes (appendix B, SHA-1); its codes have eight digits, of which ours are the last six.
import { expect, test } from "vitest";
import { codeAt, newSecret, periodOf, shownSecret } from "../src/people/one-time-codes.ts";

const SECRET = new TextEncoder().encode("12345678901234567890");
const PUBLISHED = [
  [59, "94287082"],
  [1111111109, "07081804"],
  [1111111111, "14050471"],
  [1234567890, "89005924"],
  [2000000000, "69279037"],
  [20000000000, "65353130"],
] as const;

test.each(PUBLISHED)("at %d s", (seconds, published) => {
  const [now, code] = [seconds * 1000, published.slice(2)];
  expect(codeAt(SECRET, now)).toBe(code);
  const period = Math.floor(seconds / 30);
  expect(periodOf(SECRET, code, now)).toBe(period);
  expect(periodOf(SECRET, `${code.slice(0, 3)} ${code.slice(3)}`, now)).toBe(period);
});

test("the codes before and after hold too, and no others", () => {
  const now = 1_700_000_000_000;
  const held = [-60, -30, 0, 30, 60].map((seconds) =>
    periodOf(SECRET, codeAt(SECRET, now + seconds * 1000), now),
  );
  const period = Math.floor(now / 30_000);
  expect(held).toEqual([undefined, period - 1, period, period + 1, undefined]);
  for (const code of ["", "12345", "1234567", "abcdef"]) expect(periodOf(SECRET, code, now)).toBeUndefined();
});

test("a secret has 160 bits, and is shown as apps take it", () => {
  const secret = newSecret();
  expect(secret).toHaveLength(20);
  const { secret: base32, uri } = shownSecret(SECRET, "anna");
  // By the base32 of coreutils.
  expect(base32).toBe("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  const { protocol, host, pathname, searchParams } = new URL(uri);
  expect([protocol, host, pathname]).toEqual(["otpauth:", "totp", "/Halfroom:anna"]);
  expect(Object.fromEntries(searchParams)).toEqual({
    issuer: "Halfroom",
    secret: base32,
    algorithm: "SHA1",
    digits: "6",
    period: "30",
  });
});
