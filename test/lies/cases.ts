// Small sessions of every kind of report, for partners that lie in them.
import { GroupPool, hash256, packRows, heldRows } from "@halfroom/crypto";
import { encodeIdentifier } from "@halfroom/prepare";
import { exactSums, noiseOf, type PreparedPair } from "@halfroom/testkit";
import { THRESHOLD_FLOOR, type Terms } from "@halfroom/session";

const PEOPLE = 150;
/** The receiver's people begin here, so that as many are not with the sender. */
const FIRST_SHARED = 60;
const CELLS = ["a", "b", "c"];
const CATEGORIES = ["gold", "silver"];

export interface Case {
  readonly name: string;
  readonly terms: Terms;
  readonly data: PreparedPair;
}

const exact: Terms = {
  ...exactSums({
    groupBy: ["cell"],
    measures: [{ name: "amount", low: -100n, high: 100n, decimals: 0 }],
    threshold: THRESHOLD_FLOOR,
    otK: 8,
  }),
};
const noise: Terms = {
  ...exact,
  threshold: 25,
  measures: exact.measures.map((measure) => ({ ...measure, squares: true })),
  release: noiseOf(8_000_000, 1),
};
const tiers = { senderGroupBy: ["tier"] };
const events: Terms = {
  ...exact,
  report: "attribution",
  events: { perPerson: 2, windowSeconds: 0 },
};

const KINDS: readonly (readonly [string, Terms])[] = [
  ["exact", exact],
  ["exact with totals and categories", { ...exact, ...tiers, totals: true }],
  ["exact, 85 %", { ...exact, rules: "pair" }],
  ["exact for the receiver", { ...exact, resultTo: "receiver" }],
  ["noise", noise],
  ["noise with categories", { ...noise, ...tiers }],
  ["noise for a receiver with a blind sender", { ...noise, resultTo: "receiver" }],
  ["noise for the sender", { ...noise, resultTo: "sender" }],
  ["credited events", events],
  ["credited events with noise", { ...events, threshold: 25, release: noiseOf(8_000_000, 1) }],
];

/** Without threads, and shared by whatever plays lies in this process: nothing of it has to be closed. */
export const pool = await GroupPool.open(0);
export const CASES: readonly Case[] = KINDS.map(([name, terms]) => ({ name, terms, data: dataOf(terms) }));

function dataOf(terms: Terms): PreparedPair {
  const counts = { dropped: {}, merged: 0, filtered: 0, examples: {}, digest: new Uint8Array(32) };
  const common = { ...counts, rows: PEOPLE, people: PEOPLE };
  const persons = Array.from({ length: PEOPLE }, (_, i) => i);
  const amounts = BigInt64Array.from(persons, (i) => BigInt((i % 201) - 100));
  const cells = Uint32Array.from(persons, (i) => i % CELLS.length);
  const isTiered = terms.senderGroupBy.length > 0;
  return {
    sender: {
      ...common,
      identifiers: identifiers(0),
      peoplePayload: undefined,
      measures: [amounts],
      categories: Uint32Array.from(persons, (i) => (isTiered ? Math.floor(i / 3) % CATEGORIES.length : 0)),
      categoryLabels: isTiered ? CATEGORIES.map((label) => [label]) : [],
      ...(terms.events && {
        events: {
          counts: new Uint8Array(PEOPLE).fill(2),
          lost: 0,
          times: [0, 1].map((n) => Uint32Array.from(persons, (i) => 1000 + i + n)),
          values: [[amounts.map((each) => each / 2n), amounts.map((each) => each / 2n)]],
        },
      }),
    },
    receiver: {
      ...common,
      identifiers: identifiers(FIRST_SHARED),
      partitions: [
        {
          groupBy: ["cell"],
          cells,
          labels: CELLS.map((label) => [label]),
          base: Uint32Array.from(CELLS, (_, cell) => cells.filter((each) => each === cell).length),
        },
      ],
      ...(terms.events && { times: [Uint32Array.from(persons, () => 1000)] }),
    },
  };
}

function identifiers(from: number) {
  const person = (i: number) => hash256("test/person", new Uint8Array(0), from + i);
  return heldRows(packRows(Array.from({ length: PEOPLE }, (_, i) => encodeIdentifier("email", person(i)))));
}
