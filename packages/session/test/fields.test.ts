import { describe, expect, test } from "vitest";
import { z } from "zod";
import { hexField, int64Field, nameField, nullable, toHex } from "../src/terms/fields.ts";

const read = (schema: z.ZodType, value: unknown) => schema.safeParse(value);

describe("64-bit integers", () => {
  test.each(["0", "1", "-1", "9223372036854775807", "-9223372036854775808"])("%s is one", (text) => {
    const value = z.decode(int64Field, text);
    expect(value).toBe(BigInt(text));
    expect(z.encode(int64Field, value)).toBe(text);
  });

  test.each([
    "-0",
    "00",
    "+1",
    "1.0",
    "1e3",
    "0x10",
    "",
    " 1",
    "1 ",
    "9223372036854775808",
    "-9223372036854775809",
    "99999999999999999999",
    1,
    1n,
  ])("%s is none", (text) => {
    expect(read(int64Field, text).success).toBe(false);
  });

  test("none is written that could not be read", () => {
    expect(() => z.encode(int64Field, 1n << 63n)).toThrow();
  });
});

describe("bytes in hex", () => {
  const field = hexField(2);
  test("come back, also from a part of a larger buffer", () => {
    expect(z.decode(field, "00ff")).toEqual(Uint8Array.of(0, 255));
    expect(z.encode(field, Uint8Array.of(9, 0, 255, 9).subarray(1, 3))).toBe("00ff");
    expect(toHex(Buffer.from("halfroom").subarray(0, 4))).toBe("68616c66");
  });

  test.each(["", "00", "0ff", "00FF", "00ff00", "zzzz", "00f\n", 7])("%j are none", (text) => {
    expect(read(field, text).success).toBe(false);
  });

  test.each([1, 3])("%i are not written where 2 are due", (length) => {
    expect(() => z.encode(field, new Uint8Array(length))).toThrow();
  });
});

describe("a member that may not apply", () => {
  const field = nullable(z.strictObject({ bytes: hexField(1) }));
  test("is null then and nothing else", () => {
    expect(z.encode(field, undefined)).toBeNull();
    expect(z.decode(field, null)).toBeUndefined();
    expect(read(field, undefined).success).toBe(false);
  });

  test("otherwise is written and read as what it is", () => {
    expect(z.encode(field, { bytes: Uint8Array.of(7) })).toEqual({ bytes: "07" });
    expect(z.decode(field, { bytes: "07" })).toEqual({ bytes: Uint8Array.of(7) });
    expect(read(field, { bytes: "7" }).success).toBe(false);
  });
});

describe("names", () => {
  test.each(["a", "age band", "Größe", "年", "n".repeat(128), '"', "\ud800"])("%j is one", (name) => {
    expect(read(nameField(), name).success).toBe(true);
  });

  test.each(["", "n".repeat(129), "a\nb", "\u0000", "\u001b[2J", "\u202eodd", "\ufeffa", "a\u2028", 5])(
    "%j is none, and whoever wrote it reads the remedy",
    (name) => {
      const result = read(nameField("Write a name."), name);
      expect(result.error?.issues[0]?.message).toBe("Write a name.");
    },
  );
});
