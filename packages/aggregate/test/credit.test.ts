// Attribution and lift on shares against their definition in the clear.
import { NEVER, type CreditTerms } from "@halfroom/aggregate";
import { seededRng } from "@halfroom/testkit";
import { decodeFrame } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import { plainCredit, runCredit, type Bin, type CreditRun, type Event } from "./credit-parties.ts";

const DAY = 86_400;
const PLAIN: CreditTerms = {
  events: 2,
  entries: 3,
  windowSeconds: 30 * DAY,
  measures: 1,
  contributors: true,
  squares: [],
};
/** The last moment at which an event or an entry can be. */
const LAST = NEVER - 1;

async function expectPlain(bins: readonly Bin[], terms: CreditTerms): Promise<CreditRun> {
  const run = await runCredit(bins, terms);
  expect(run.opened).toEqual(plainCredit(bins, terms));
  return run;
}

/** Bins with times from a few around a few days, so that ties, borders and gaps abound. */
function randomBins(count: number, terms: CreditTerms, seed: string): Bin[] {
  const random = seededRng(seed).bytes(count * 64);
  let at = 0;
  const draw = (below: number) => random[at++ % random.length]! % below;
  const time = () => 1_700_000_000 + draw(9) * 5 * DAY + draw(3) - 1;
  return Array.from({ length: count }, () => {
    const events = Array.from({ length: draw(terms.events + 1) }, (): Event => {
      const value = () => (draw(3) === 0 ? 0n : BigInt(draw(200) - 100) << BigInt(draw(50)));
      const values = Array.from({ length: terms.measures }, value);
      return { time: draw(8) === 0 ? 0 : time(), values };
    });
    const entries = Array.from({ length: draw(terms.entries + 1) }, time).toSorted((a, b) => a - b);
    return { people: draw(4) === 0 ? 0 : 1, events, entries };
  });
}

describe("of random people", () => {
  test.each([
    [1, 1, 0, 1, true],
    [1, 1, 10 * DAY, 1, false],
    [1, 4, 5 * DAY, 0, false],
    [2, 3, 0, 0, true],
    [4, 4, 10 * DAY, 2, true],
    [8, 2, 1, 1, true],
    [3, 16, 30 * DAY, 3, false],
    [8, 16, 5 * DAY, 1, true],
  ])(
    "%i events, %i entries, window %i, %i measures, contributors %s",
    async (events, entries, windowSeconds, measures, contributors) => {
      const terms = { ...PLAIN, events, entries, windowSeconds, measures, contributors };
      const bins = randomBins(500, terms, JSON.stringify(terms));
      const { opened } = await expectPlain(bins, terms);
      // The case says something: some people have a credited event, others none.
      const people = opened.flat().map(([person]) => person);
      expect(new Set(people)).toEqual(new Set([0n, 1n]));
    },
  );

  test.each([
    ["one event", { events: 1, windowSeconds: 0 }],
    ["any time after the entry", { events: 4, windowSeconds: 0 }],
    ["a window", { events: 4, contributors: false }],
    ["two of three measures", { events: 3, windowSeconds: 10 * DAY, measures: 3, squares: [0, 2] }],
    ["the second measure, at any time", { events: 8, windowSeconds: 0, measures: 2, squares: [1] }],
  ])("squares of what one entry is credited with: %s", async (name, changes) => {
    const terms: CreditTerms = { ...PLAIN, entries: 1, squares: [0], ...changes };
    const inOrder = randomBins(500, terms, name).map((bin) => ({
      ...bin,
      // Those that a person does not have stand at the end.
      events: bin.events.filter(({ time }) => time > 0).toSorted((a, b) => a.time - b.time),
    }));
    const { opened } = await expectPlain(inOrder, terms);
    const ofMore = opened[0]!.filter(([, sum = 0n, square]) => square !== sum && square !== 0n);
    expect(ofMore.length).toBeGreaterThan(0);
  });

  test("squares of several entries are refused", async () => {
    await expect(runCredit([], { ...PLAIN, squares: [0] })).rejects.toThrow(RangeError);
  });

  test.each([0, 1, 31, 32, 33])("%i bins", async (count) => {
    await expectPlain(randomBins(count, PLAIN, `${count} bins`), PLAIN);
  });

  test("in several pieces", async () => {
    const terms = { ...PLAIN, events: 2, entries: 1, windowSeconds: 0 };
    const { log } = await expectPlain(randomBins(8200, terms, "pieces"), terms);
    const types = log.sender.map(({ frame }) => decodeFrame(frame).message.type);
    // 8,192 bins a piece, and one message of flips for each event of a piece.
    expect(types.filter((type) => type === "lookupFlips")).toHaveLength(2 * 2);
  });
});

describe("of people chosen to break it", () => {
  const event = (time: number, value = 7n): Event => ({ time, values: [value] });
  const bin = (events: Event[], entries: number[], people: Bin["people"] = 1): Bin => ({
    people,
    events,
    entries,
  });
  const T = 1_700_000_000;
  const W = PLAIN.windowSeconds;

  const cases: [string, Bin, Partial<CreditTerms>?][] = [
    ["an event at the time of the entry", bin([event(T)], [T])],
    ["a second before the entry", bin([event(T - 1)], [T])],
    ["at the end of the window", bin([event(T + W)], [T])],
    ["a second after the window", bin([event(T + W + 1)], [T])],
    ["a second after the window, when there is none", bin([event(T + W + 1)], [T]), { windowSeconds: 0 }],
    ["after the window of the last entry, within none of the earlier", bin([event(T + 2 * W)], [T, T + 9])],
    ["between two entries", bin([event(T + 5)], [T, T + 9])],
    ["three entries at one time: the last has it", bin([event(T + 5)], [T, T, T])],
    ["three entries at the time of the event", bin([event(T)], [T, T, T])],
    ["no entries", bin([event(T)], [])],
    ["no events", bin([], [T, T + 1])],
    ["no events and no entries", bin([], [])],
    ["no match", bin([event(T), event(T + 1)], [T], 0)],
    ["the same event twice", bin([event(T), event(T)], [T])],
    [
      "two events of one person to two entries: the person counts once",
      bin([event(T + 9), event(T)], [T, T + 9]),
    ],
    ["the first event is not credited, the second is", bin([event(T - 9), event(T)], [T])],
    ["a value of 0", bin([event(T, 0n)], [T])],
    ["a value of 0, then another", bin([event(T + 9, 0n), event(T, 5n)], [T, T + 5])],
    ["values that cancel", bin([event(T, 5n), event(T, -5n)], [T])],
    ["negative values", bin([event(T, -(2n ** 40n)), event(T, -1n)], [T])],
    ["the largest values", bin([event(T, 2n ** 62n - 1n), event(T, -(2n ** 62n))], [T])],
    ["the last of times", bin([event(LAST)], [LAST])],
    ["the last of times, seen from the first", bin([event(LAST)], [1])],
    ["the last of times, no window", bin([event(LAST)], [1]), { windowSeconds: 0 }],
    ["the first of times", bin([event(1), event(1)], [1, 1, 1])],
    ["the first of times before the last", bin([event(1)], [LAST, LAST, LAST])],
    ["a window beyond all times", bin([event(LAST)], [1]), { windowSeconds: 2 ** 33 }],
    ["an item of inclusion and exclusion with a minus", bin([event(T), event(T + 1, -3n)], [T], -1)],
  ];

  test.each(cases)("%s", async (_name, one, changes = {}) => {
    await expectPlain([one], { ...PLAIN, ...changes });
  });

  test("one bin does not touch its neighbours", async () => {
    const bins = cases.map(([, one]) => one);
    await expectPlain(bins, PLAIN);
  });

  test("three items of a person with two keys count it once", async () => {
    const [events, entries] = [[event(T + 1), event(T, 5n)], [T]];
    const { opened } = await runCredit(
      [bin(events, entries), bin(events, entries), bin(events, entries, -1)],
      PLAIN,
    );
    const total = opened[0]!.reduce((sum, row) => sum.map((number, i) => number + row[i]!));
    expect(total).toEqual([1n, 12n, 1n]);
  });

  test("entries out of order, or at no time, are refused", async () => {
    for (const entries of [
      [T + 1, T],
      [0, T],
      [NEVER, T],
    ]) {
      await expect(runCredit([bin([], entries)], PLAIN)).rejects.toThrow(RangeError);
    }
  });
});

describe("what is seen", () => {
  const shape = ({ log }: CreditRun) =>
    log.sender.map(({ direction, frame }) => [direction, decodeFrame(frame).message.type, frame.length]);

  test("the same messages whatever the people", async () => {
    const nobody: Bin[] = Array.from({ length: 300 }, () => ({ people: 0, events: [], entries: [] }));
    const some = await runCredit(randomBins(300, PLAIN, "shape"), PLAIN);
    const none = await runCredit(nobody, PLAIN);
    expect(shape(none)).toEqual(shape(some));
  });

  test("shares that say nothing: of nobody, all numbers of both sides are different", async () => {
    const nobody: Bin[] = Array.from({ length: 300 }, () => ({ people: 0, events: [], entries: [] }));
    const { shares } = await runCredit(nobody, PLAIN);
    for (const share of [shares.sender, shares.receiver]) {
      const numbers = share.flatMap((entry) => [...new BigUint64Array(entry.slice().buffer)]);
      expect(new Set(numbers).size).toBe(3 * 300 * 3);
    }
  });
});
