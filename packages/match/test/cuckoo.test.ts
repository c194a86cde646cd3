import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { randomWords, type Rng } from "@halfroom/crypto";
import { binCount, place, positions } from "../src/index.ts";
import { writeDistinct } from "../src/cuckoo/distinct.ts";
import { seededRng } from "@halfroom/testkit";

const session = new Uint8Array(32).fill(7);
const seed = new Uint8Array(32).fill(9);

/** Whether everybody can be placed, by Hall's theorem: no set of people shares fewer bins than it has members. */
function hallHolds(bins: Uint32Array, people: number): boolean {
  for (let set = 1; set < 1 << people; set++) {
    let members = 0;
    const union = new Set<number>();
    for (let person = 0; person < people; person++) {
      if (((set >>> person) & 1) === 0) continue;
      members++;
      for (const bin of bins.subarray(person * 3, person * 3 + 3)) union.add(bin);
    }
    if (union.size < members) return false;
  }
  return true;
}

function expectPlacement(occupants: Int32Array, bins: Uint32Array, people: number): void {
  const seen: number[] = [];
  occupants.forEach((person, bin) => {
    if (person === -1) return;
    seen.push(person);
    if (!bins.subarray(person * 3, person * 3 + 3).includes(bin))
      expect.fail("a person lies in a foreign bin");
  });
  expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: people }, (_, person) => person));
}

/** The documented rule of `positions` once more, over BigInt and a list of the bins not yet taken. */
function positionsByRule(pseudonym: Uint8Array, shard: number, bins: number): number[] {
  const prefixed = (bytes: Uint8Array) => Buffer.concat([u32(bytes.length), bytes]);
  const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
  const u64 = (value: number) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
  const parts = [Buffer.from("halfroom/v1/cuckoo/positions"), session, u64(shard), seed, pseudonym];
  const digest = createHash("sha512")
    .update(Buffer.concat(parts.map(prefixed)))
    .digest();
  const left = Array.from({ length: bins }, (_, bin) => bin);
  return [0, 1, 2].map((i) => {
    const hex = Buffer.from(digest.subarray(6 * i, 6 * i + 6))
      .reverse()
      .toString("hex");
    return left.splice(Number(BigInt(`0x${hex}`) % BigInt(bins - i)), 1)[0]!;
  });
}

test("writeDistinct maps every input to an ordered triple of its own", () => {
  const range = 6;
  const triples = new Set<string>();
  const out = new Uint32Array(3);
  for (let first = 0; first < range; first++) {
    for (let second = 0; second < range - 1; second++) {
      for (let third = 0; third < range - 2; third++) {
        writeDistinct(out, 0, first, second, third);
        expect(new Set(out).size).toBe(3);
        expect(Math.max(...out)).toBeLessThan(range);
        triples.add(out.join());
      }
    }
  }
  expect(triples.size).toBe(6 * 5 * 4);
});

test("binCount is ceil(1.33 n) from 1,024 people on", () => {
  for (const people of [0, 1, 1023, 1024]) expect(binCount(people)).toBe(1362);
  for (const people of [1025, 1100, 20_000, 99_999, 1_000_003, 12_000_000]) {
    expect(binCount(people)).toBe(Number((133n * BigInt(people) + 99n) / 100n));
  }
});

describe("positions", () => {
  test("follow the documented rule", () => {
    const pseudonyms = seededRng("rule").bytes(50 * 64);
    for (const [shard, bins] of [
      [0, 3],
      [1, 4],
      [70_000, 1362],
    ] as const) {
      const found = positions(pseudonyms, session, shard, seed, bins);
      for (let person = 0; person < 50; person++) {
        const pseudonym = pseudonyms.subarray(person * 64, person * 64 + 64);
        expect([...found.subarray(person * 3, person * 3 + 3)]).toEqual(
          positionsByRule(pseudonym, shard, bins),
        );
      }
    }
  });

  test("depend on session, shard and seed", () => {
    const pseudonyms = seededRng("inputs").bytes(10 * 64);
    const other = new Uint8Array(32).fill(1);
    const variants = [
      positions(pseudonyms, session, 0, seed, 1362),
      positions(pseudonyms, other, 0, seed, 1362),
      positions(pseudonyms, session, 1, seed, 1362),
      positions(pseudonyms, session, 0, other, 1362),
    ];
    expect(new Set(variants.map(String)).size).toBe(4);
  });

  test("refuse pseudonyms of a broken length and fewer than three bins", () => {
    expect(() => positions(new Uint8Array(65), session, 0, seed, 1362)).toThrow(RangeError);
    expect(() => positions(new Uint8Array(64), session, 0, seed, 2)).toThrow(RangeError);
  });
});

describe("place", () => {
  test.each([0, 1, 1023, 1024, 1025, 20_000])(
    "places %d people, each once, in a bin of their own",
    (people) => {
      const rng = seededRng(`place ${people}`);
      const bins = binCount(people);
      const found = positions(rng.bytes(people * 64), session, 0, seed, bins);
      const occupants = place(found, people, bins, rng);
      expect(occupants.length).toBe(bins);
      expectPlacement(occupants, found, people);
    },
  );

  test("agrees with Hall's theorem on small, crowded instances", () => {
    const rng = seededRng("hall");
    const outcomes = { placed: 0, refused: 0 };
    for (let instance = 0; instance < 600; instance++) {
      const [bins, people] = [4 + (instance % 5), 4 + (instance % 5) + (instance % 7 === 0 ? 1 : 0)];
      const words = randomWords(rng, people * 3);
      for (let at = 0; at < words.length; at += 3) {
        writeDistinct(words, at, words[at]! % bins, words[at + 1]! % (bins - 1), words[at + 2]! % (bins - 2));
      }
      if (hallHolds(words, people)) {
        expectPlacement(place(words, people, bins, rng), words, people);
        outcomes.placed++;
      } else {
        expect(() => place(words, people, bins, rng)).toThrow(expect.objectContaining({ code: "cuckoo" }));
        outcomes.refused++;
      }
    }
    expect(outcomes.placed).toBeGreaterThan(100);
    expect(outcomes.refused).toBeGreaterThan(100);
  });

  test("finds the long augmenting path that a walk in circles misses", () => {
    // With choices that are always 0, the first person and the last evict each other from bin 0 for ever; the free bins
    // are at the far end of a chain, each person's second and third bin being the first of the next two.
    const people = 500;
    const bins = Uint32Array.from({ length: people * 3 }, (_, at) => Math.floor(at / 3) + (at % 3));
    bins.set([0, 1, 2], (people - 1) * 3);
    const stubborn: Rng = { bytes: (length) => new Uint8Array(length), fork: () => stubborn };
    expectPlacement(place(bins, people, people + 1, stubborn), bins, people);
  });

  test("throws where four people share their only three bins, and places three of them", () => {
    const rng = seededRng("four");
    const bins = Uint32Array.from([5, 6, 7, 5, 6, 7, 0, 1, 2, 7, 6, 5, 6, 5, 7]);
    expect(() => place(bins, 5, 1362, rng)).toThrow(expect.objectContaining({ code: "cuckoo" }));
    expectPlacement(place(bins.subarray(0, 12), 4, 1362, rng), bins, 4);
  });

  test("refuses a position array of another length", () => {
    expect(() => place(new Uint32Array(5), 2, 1362, seededRng("length"))).toThrow(RangeError);
  });
});
