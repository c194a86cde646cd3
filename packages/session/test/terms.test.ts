// Terms: one text for one meaning, and nothing beyond their bounds.
import { exactSums, noiseOf, TERMS } from "@halfroom/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PROTOCOL } from "../src/terms/protocol.ts";
import {
  assertOnlyStricter,
  decodeTerms,
  encodeTerms,
  readKeptTerms,
  requestDigest,
  termsRecord,
  type Terms,
} from "../src/terms/terms.ts";
import { SHARD_PEOPLE_MAX } from "../src/shards/sizes.ts";
import { ALTERED, LIFT, OUT_OF_BOUNDS } from "./altered.ts";
import kept from "./kept-1.json" with { type: "json" };

const EXACT = exactSums({
  measures: [{ name: "amount", low: -5n, high: 2n ** 61n, decimals: 2 }],
  groupBy: ["campaign", "age_band"],
  threshold: 50,
  otK: 4,
});
const text = (terms: Terms) => Buffer.from(encodeTerms(terms)).toString("utf8");
const refusedAs = (code: string) => expect.objectContaining({ code }) as Error;

describe("the encoding", () => {
  test("is the documented JSON, with bounds as exact decimal text", () => {
    expect(text(EXACT)).toBe(
      `{"protocol":"${PROTOCOL}","initiator":"sender","datasets":{"sender":"conversions","receiver":"exposures"},` +
        '"report":"sums","match":[{"key":"email","label":"email/iab-1"}],"measures":[{"name":"amount","low":"-5",' +
        '"high":"2305843009213693952","decimals":2,"squares":false}],"senderGroupBy":[],' +
        '"partitions":[["campaign","age_band"]],"entriesMax":1,"events":null,"arms":null,"threshold":50,' +
        '"release":{"mode":"exact"},"totals":false,"rules":"standard","resultTo":"both","otK":4,"shardPeople":65536,"replay":false}',
    );
    expect(text(LIFT)).toContain(
      '"events":{"perPerson":2,"windowSeconds":86400},"arms":{"column":"group","test":"test","control":"control"},' +
        '"threshold":100,"release":{"mode":"noise","mechanism":"laplace","microEpsilon":1000000,"deltaExponent":6,' +
        '"weights":{"people":1,"measures":[1,1]}}',
    );
  });

  test("does not depend on the order of an object's members", () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, own]) => [name, reversed(own)]),
      );
    };
    for (const terms of [EXACT, TERMS, LIFT]) expect(text(reversed(terms) as Terms)).toBe(text(terms));
  });

  test.each(ALTERED)("comes back as it was and differs for other terms ($member)", ({ terms, other }) => {
    for (const each of [terms, { ...other, protocol: PROTOCOL }]) {
      const bytes = encodeTerms(each);
      const read = decodeTerms(bytes);
      expect(read).toEqual(each);
      expect(Buffer.compare(encodeTerms(read), bytes)).toBe(0);
    }
    expect(text(other)).not.toBe(text(terms));
  });

  test("keeps names apart that a careless one would mix up", () => {
    const names = ["a", "a ", "A", 'a"', "a\\", 'a","b', "é", "e\u0301", "\ud800", "\ufffd", "1", "[]"];
    const encodings = [
      ...names.map((name) => text({ ...TERMS, partitions: [[name]] })),
      ...names.map((name) => text({ ...TERMS, partitions: [["x", name]] })),
      text({ ...TERMS, partitions: [["a", "b"]] }),
      text({ ...TERMS, partitions: [["a"], ["b"]] }),
    ];
    expect(new Set(encodings).size).toBe(encodings.length);
  });
});

describe("what is not in bounds is `malformed`", () => {
  const cases = Object.entries(OUT_OF_BOUNDS).flatMap(([member, values]) =>
    values.map((value) => [member, JSON.stringify(value), value] as const),
  );
  test.each(cases)("%s: %s", (member, _, value) => {
    const record = termsRecord(member === "events" || member === "arms" ? LIFT : TERMS);
    expect(() => decodeTerms(Buffer.from(JSON.stringify(record)))).not.toThrow();
    const bytes = Buffer.from(JSON.stringify({ ...record, [member]: value }));
    expect(() => decodeTerms(bytes)).toThrow(refusedAs("malformed"));
  });

  test.each(Object.keys(termsRecord(TERMS)))("a text without %s", (member) => {
    const { [member]: _, ...record } = termsRecord(TERMS);
    expect(() => decodeTerms(Buffer.from(JSON.stringify(record)))).toThrow(refusedAs("malformed"));
  });

  test("streams of shards' own in what asks for a series", () => {
    const series = {
      every: "week",
      on: 1,
      at: "06:00",
      timezone: "Europe/Berlin",
      from: "2027-01-04",
      runs: 4,
      missed: "late",
      lateSeconds: 3600,
      numbers: 100,
    };
    const record = { ...termsRecord(TERMS), series };
    expect(() => decodeTerms(Buffer.from(JSON.stringify(record)))).not.toThrow();
    const bytes = Buffer.from(JSON.stringify({ ...termsRecord(TERMS), streams: "own", series }));
    expect(() => decodeTerms(bytes)).toThrow(refusedAs("malformed"));
  });

  test("events in a report that compares no times, or with categories, or with squares of several entries", () => {
    const record = termsRecord(LIFT);
    const measures = (record.measures as object[]).map((each) => ({ ...each, squares: true }));
    expect(
      decodeTerms(Buffer.from(JSON.stringify({ ...record, entriesMax: 1, measures }))).measures,
    ).toHaveLength(measures.length);
    for (const change of [{ report: "sums" }, { senderGroupBy: ["segment"] }, { entriesMax: 2, measures }]) {
      const bytes = Buffer.from(JSON.stringify({ ...record, ...change }));
      expect(() => decodeTerms(bytes), Object.keys(change).join()).toThrow(refusedAs("malformed"));
    }
  });
});

test("the same meaning in another text is `malformed`", () => {
  const good = text(TERMS);
  const edits = [
    ` ${good}`,
    `${good}\n`,
    `\ufeff${good}`,
    good.replace('"threshold":100', '"threshold":1e2'),
    good.replace('"threshold":100', '"threshold":100,"threshold":100'),
    good.replace('"campaign"', '"\\u0063ampaign"'),
    good.replace('{"protocol"', '{"extra":1,"protocol"'),
    good.replace('"totals":false,"rules":"standard"', '"rules":"standard","totals":false'),
    "{}",
    "null",
    "",
  ];
  for (const edit of edits) {
    expect(edit).not.toBe(good);
    expect(() => decodeTerms(Buffer.from(edit)), edit).toThrow(refusedAs("malformed"));
  }
});

test("terms of another protocol are refused as such, whatever else is in them", () => {
  for (const protocol of ["halfroom/1", "", "p".repeat(65)]) {
    const record = { ...termsRecord(TERMS), protocol, members: "of another version" };
    expect(() => decodeTerms(Buffer.from(JSON.stringify(record)))).toThrow(refusedAs("version"));
    expect(() => decodeTerms(Buffer.from(JSON.stringify(record)))).toThrow(
      /this node speaks halfroom\/3: upgrade/,
    );
  }
  const other = encodeTerms({ ...TERMS, protocol: "halfroom/1" });
  expect(() => decodeTerms(other)).toThrow(refusedAs("version"));
});

test("no bytes whatever crash the decoder with anything but a refusal", () => {
  const good = [...encodeTerms(TERMS)];
  const mutated = fc
    .tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }))
    .map(([at, byte]) => Uint8Array.from(good, (old, i) => (i === at ? byte : old)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (bytes) => {
      try {
        expect(encodeTerms(decodeTerms(bytes))).toEqual(Buffer.from(bytes));
      } catch (error) {
        expect(["malformed", "version"]).toContain((error as { code?: string }).code);
      }
    }),
    { numRuns: 500 },
  );
});

describe("terms that the version before kept", () => {
  test("are read, with the shards of then, though nobody may propose them any more", () => {
    const record: unknown = JSON.parse(kept.terms);
    const [amount, returns] = LIFT.measures;
    expect(readKeptTerms(record)).toEqual({
      ...LIFT,
      measures: [amount, { ...returns, low: -(1n << 60n) }],
      protocol: "halfroom/1 ristretto255-SHA512 softspoken-semihonest",
      shardPeople: SHARD_PEOPLE_MAX,
    });
    expect(() => decodeTerms(Buffer.from(kept.terms))).toThrow(refusedAs("version"));
  });

  test("are read as they are where nothing is missing", () => {
    for (const terms of [TERMS, LIFT, { ...TERMS, shardPeople: 16 }])
      expect(readKeptTerms(termsRecord(terms))).toEqual(terms);
  });

  test("are refused where they are damaged", () => {
    const { threshold: _, ...damaged } = termsRecord(TERMS);
    for (const record of [damaged, null, "terms", []])
      expect(() => readKeptTerms(record)).toThrow(refusedAs("malformed"));
  });
});

describe("a partner may answer with stricter terms", () => {
  test("or the same", () => {
    const stricter: Terms = {
      ...TERMS,
      threshold: 200,
      release: noiseOf(500_000, 2),
      rules: "pair",
      replay: true,
    };
    for (const answered of [TERMS, stricter, { ...TERMS, threshold: 101 }])
      expect(() => assertOnlyStricter(TERMS, answered)).not.toThrow();
    const looser: Terms[] = [
      { ...stricter, threshold: 199 },
      { ...stricter, release: noiseOf(500_001, 2) },
      { ...stricter, rules: "standard" },
      { ...stricter, replay: false },
    ];
    for (const answered of looser)
      expect(() => assertOnlyStricter(stricter, answered)).toThrow(refusedAs("agreement"));
  });

  test("but with no noise where none was asked for", () => {
    expect(() => assertOnlyStricter(EXACT, { ...EXACT, release: noiseOf(1, 1) })).toThrow(
      refusedAs("agreement"),
    );
  });

  test("or without streams of shards' own, but not with such that nobody asked for", () => {
    const own: Terms = { ...TERMS, streams: "own" };
    for (const answered of [own, TERMS, { ...TERMS, threshold: 200 }])
      expect(() => assertOnlyStricter(own, answered)).not.toThrow();
    for (const answered of [own, { ...own, threshold: 200 }])
      expect(() => assertOnlyStricter(TERMS, answered)).toThrow(refusedAs("agreement"));
    expect(() => assertOnlyStricter(own, { ...TERMS, otK: 8 })).toThrow(refusedAs("agreement"));
  });

  test.each(ALTERED)("and with no others ($member)", ({ member, terms, other }) => {
    const strict =
      (member === "threshold" && other.threshold > terms.threshold) ||
      member === "rules" ||
      member === "replay";
    if (strict) expect(() => assertOnlyStricter(terms, other)).not.toThrow();
    else expect(() => assertOnlyStricter(terms, other)).toThrow(refusedAs("agreement"));
  });
});

test("requests are equal if they ask for the same, whoever asks and wherever transfers come from", () => {
  for (const { member, terms, other } of ALTERED) {
    expect(requestDigest({ ...terms, streams: "own" })).toBe(requestDigest(terms));
    const isSame = member === "initiator" || member === "transfers";
    if (isSame) expect(requestDigest(other)).toBe(requestDigest(terms));
    else expect(requestDigest(other), member).not.toBe(requestDigest(terms));
  }
});
