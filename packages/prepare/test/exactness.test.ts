// The engine's shortcuts against plain code: addresses that SQL normalises, decimals in 128 bits, the fast CSV scan.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { allNumbers } from "@halfroom/crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { datasetSchema, InputError, PROFILE_NAMES, preparePeople, profileOf } from "../src/index.ts";
import { digestOf } from "../src/identifiers/key.ts";
import { lookAt } from "../src/sources/bytes.ts";
import { COMMA } from "../src/sources/csv-dialect.ts";
import { readCsv } from "../src/sources/csv-rows.ts";
import { scanCsv } from "../src/sources/csv-scan.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "halfroom-exactness-"));
});
afterAll(() => rm(folder, { recursive: true }));

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

test.each(PROFILE_NAMES)("the engine's %s addresses are those of the rules", async (name) => {
  const profile = profileOf(name)!;
  const rules = { name: "email", type: "email", profile, plus: true, hashed: false } as const;
  const pieces = [
    "a",
    "B",
    ".",
    "+",
    "-",
    "_",
    "@",
    "gmail.com",
    "GoogleMail.com",
    "b.co",
    " ",
    "\t",
    "'",
    '"',
    "é",
    "\u200b",
  ];
  const shaped = fc
    .tuple(
      fc.constantFrom("", " ", "  ", "'", " '"),
      fc.string({
        unit: fc.constantFrom("a", "B", ".", "+", "7", "!", "`", "~", "%", "'"),
        minLength: 1,
        maxLength: 9,
      }),
      fc.constantFrom(
        "gmail.com",
        "GMAIL.com",
        "googlemail.com",
        "x.gmail.com",
        "gmail.com.au",
        "b.co",
        "a-b.c-d.e",
        "a-b.c_d.e",
        `${"d".repeat(64)}.e`,
      ),
      fc.constantFrom("", " ", "\u00a0"),
    )
    .map(([before, local, domain, after]) => `${before}${local}@${domain}${after}`);
  const long = fc.integer({ min: 230, max: 250 }).map((length) => `${"L".repeat(length)}@b.co`);
  const text = fc.oneof(
    shaped,
    fc.string({ unit: fc.constantFrom(...pieces), maxLength: 12 }),
    fc.string({ unit: "grapheme-ascii", maxLength: 12 }),
    long,
  );
  const texts = fc.sample(text, { numRuns: 4000, seed: 7 });
  const file = join(folder, "emails.csv");
  await writeFile(file, `email,note\n${texts.map((each) => `${quoted(each)},x`).join("\n")}\n`);
  const dataset = datasetSchema.parse({
    name: "d",
    source: { csv: file },
    match: { email: { columns: "email", profile: name } },
  });
  const { digests, count, counts } = await preparePeople(
    dataset,
    {
      match: ["email"],
      measures: [],
      partitions: [],
    },
    { scratch: tmpdir() },
  );
  const expected = new Set<string>();
  let invalid = 0;
  for (const each of texts) {
    const digest = digestOf(rules, [each]);
    if (typeof digest === "string") invalid += digest === "invalid" ? 1 : 0;
    else expected.add(Buffer.from(digest).toString("hex"));
  }
  const bytes = Buffer.from((await digests.slice()).buffer);
  const found = Array.from({ length: count }, (_, i) =>
    Buffer.from(bytes.subarray(32 * i, 32 * i + 32)).toString("hex"),
  );
  expect(new Set(found)).toEqual(expected);
  expect(expected.size).toBeGreaterThan(500);
  expect(counts.dropped["email: invalid"]).toBe(invalid);
});

const DECIMAL = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$/;

test("sums of decimals are those of integers of any size", async () => {
  const long = fc.bigInt(-(10n ** 27n), 10n ** 27n);
  const number = fc
    .tuple(long, fc.nat(6), fc.constantFrom("", "0", "000"))
    .map(([scaled, decimals, zeros]) => {
      const digits = String(scaled < 0n ? -scaled : scaled).padStart(decimals + 1, "0");
      const fraction = digits.slice(digits.length - decimals) + zeros;
      return `${scaled < 0n ? "-" : ""}${digits.slice(0, digits.length - decimals)}${decimals === 0 ? "" : `.${fraction}`}`;
    });
  const odd = fc.constantFrom(
    "",
    " ",
    "1.5.",
    "1e3",
    ".5",
    "5.",
    "+",
    "--1",
    "+7",
    "-0.07",
    "٣",
    "NaN",
    "0x10",
    "007",
    "1,5",
    "\u00a042 ",
  );
  const rows = fc.array(fc.tuple(fc.nat(20), fc.oneof({ weight: 4, arbitrary: number }, odd)), {
    minLength: 1,
    maxLength: 200,
  });
  await fc.assert(
    fc.asyncProperty(rows, fc.nat(6), async (values, decimals) => {
      const file = join(folder, "decimals.csv");
      await writeFile(
        file,
        `email,v\n${values.map(([who, text]) => `p${who}@b.cd,${quoted(text)}`).join("\n")}\n`,
      );
      const dataset = datasetSchema.parse({
        name: "d",
        source: { csv: file },
        match: { email: { columns: "email" } },
        measures: { v: {} },
      });
      const [low, high] = [-(2n ** 63n), 2n ** 63n - 1n];
      const prepared = await preparePeople(
        dataset,
        {
          match: ["email"],
          measures: [{ name: "v", low, high, decimals }],
          partitions: [],
        },
        { scratch: tmpdir() },
      );
      const sums = new Map<number, bigint>();
      for (const [who, text] of values) {
        const trimmed = text.trim();
        const [, fraction = ""] = trimmed.split(".");
        const fits = DECIMAL.test(trimmed) && !/[1-9]/.test(fraction.slice(decimals));
        if (trimmed !== "" && !fits) continue;
        const scaled =
          trimmed === ""
            ? 0n
            : BigInt(
                `0${trimmed.split(".")[0]!.replace(/^[+-]/, "")}` +
                  fraction.slice(0, decimals).padEnd(decimals, "0"),
              );
        // Values of more than 28 digits are dropped with their row.
        if (String(scaled).length > 28) continue;
        sums.set(who, (sums.get(who) ?? 0n) + (trimmed.startsWith("-") ? -scaled : scaled));
      }
      const clipped = [...sums.values()].map((sum) => (sum < low ? low : sum > high ? high : sum));
      expect((await allNumbers(prepared.measures[0]!)).toSorted()).toEqual(
        BigInt64Array.from(clipped).toSorted(),
      );
      expect(prepared.clipped).toEqual([[...sums.values()].filter((sum) => sum < low || sum > high).length]);
    }),
    { numRuns: 20 },
  );
}, 600_000);

test("the fast scan calls regular only what the careful reader reads, with the same header and rows", async () => {
  const field = fc.oneof(
    fc.constantFrom(
      "a",
      "",
      "1",
      "é",
      "🙂",
      '""',
      '"x"',
      '"x,y"',
      '"x\ny"',
      '"x\r\ny"',
      'x"y',
      '"x"y',
      '"x',
      "\0",
      "\r",
      " ",
    ),
    fc.string({ unit: "binary", maxLength: 3 }),
  );
  const row = fc.oneof(
    { weight: 8, arbitrary: fc.array(field, { minLength: 2, maxLength: 2 }) },
    fc.array(field, { maxLength: 3 }),
  );
  const text = fc
    .tuple(
      fc.constantFrom("", "\ufeff"),
      fc.array(row, { maxLength: 6 }),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.boolean(),
      fc.nat(20),
    )
    .map(([bom, rows, end, last, damage]) => {
      const whole = Buffer.from(bom + rows.map((fields) => fields.join(",")).join(end) + (last ? end : ""));
      if (damage === 0 && whole.length > 0) whole[whole.length >> 1] = 0xff;
      return whole;
    });
  let [regular, irregular] = [0, 0];
  await fc.assert(
    fc.asyncProperty(text, async (content) => {
      const file = join(folder, "scan.csv");
      await writeFile(file, content);
      const looked = await lookAt({ path: file, name: file }, "utf-8");
      const shape = await scanCsv(looked, ",");
      let header: readonly string[] = [];
      const rows = await readCsv(looked, COMMA, (names) => {
        header = names;
        return () => undefined;
      }).catch((error: unknown) => error);
      if (shape === undefined) return void irregular++;
      regular++;
      expect(rows).not.toBeInstanceOf(InputError);
      expect({ rows, header }).toEqual({ rows: shape.rows, header: shape.header });
    }),
    { numRuns: 600 },
  );
  expect(regular).toBeGreaterThan(20);
  expect(irregular).toBeGreaterThan(20);
});
