// Terms, and the same with one of their members altered: every member that the schema has, and what lies within it.
import { noiseOf, TERMS } from "@halfroom/testkit";
import { MEASURES_MAX } from "@halfroom/wire";
import type { Measure, Terms } from "../src/terms/terms.ts";

/** The kind of report that has events and arms. */
export const LIFT: Terms = {
  ...TERMS,
  report: "lift",
  senderGroupBy: [],
  events: { perPerson: 2, windowSeconds: 86_400 },
  arms: { column: "group", test: "test", control: "control" },
};

type Members = { readonly [Member in keyof Terms]: readonly Terms[Member][] };

const [amount, returns] = TERMS.measures as readonly [Measure, Measure];
const noise = noiseOf(1_000_000, 2);
const { weights } = noise;

const OF_SUMS: Omit<Members, "events" | "arms"> = {
  protocol: ["halfroom/3 another suite"],
  initiator: ["receiver"],
  datasets: [
    { sender: "other", receiver: "exposures" },
    { sender: "conversions", receiver: "other" },
  ],
  report: ["index"],
  match: [
    [{ key: "phone", label: "email/iab-1" }],
    [{ key: "email", label: "email/uid2-1" }],
    [...TERMS.match, { key: "phone", label: "phone/e164-1" }],
  ],
  measures: [
    [{ ...amount, name: "Amount" }, returns],
    [{ ...amount, low: -1n }, returns],
    [{ ...amount, high: 50_001n }, returns],
    [{ ...amount, decimals: 3 }, returns],
    [{ ...amount, squares: true }, returns],
    [returns, amount],
  ],
  senderGroupBy: [[], ["segment", "region"], ["Segment"]],
  partitions: [
    [["age_band", "campaign"]],
    [["campaign"]],
    [["campaign,age_band"]],
    [["campaign"], ["age_band"]],
    [[]],
  ],
  entriesMax: [2],
  threshold: [99, 101],
  release: [
    { mode: "exact" },
    { ...noise, mechanism: "gaussian" },
    { ...noise, microEpsilon: 1_000_001 },
    { ...noise, deltaExponent: 7 },
    { ...noise, weights: { ...weights, people: 2 } },
    { ...noise, weights: { ...weights, measures: [1, 2] } },
  ],
  totals: [true],
  rules: ["pair"],
  resultTo: ["sender", "receiver"],
  otK: [8],
  shardPeople: [65_535],
  replay: [true],
  transfers: ["silent"],
};
const OF_LIFT: Pick<Members, "events" | "arms"> = {
  events: [
    { perPerson: 3, windowSeconds: 86_400 },
    { perPerson: 2, windowSeconds: 0 },
  ],
  arms: [
    undefined,
    { column: "Group", test: "test", control: "control" },
    { column: "group", test: "control", control: "test" },
  ],
};

export interface Altered {
  readonly member: keyof Terms;
  readonly terms: Terms;
  /** The same but for `member`. */
  readonly other: Terms;
}

export const ALTERED: readonly Altered[] = [...alter(TERMS, OF_SUMS), ...alter(LIFT, OF_LIFT)];

function alter(terms: Terms, values: Partial<Members>): Altered[] {
  return (Object.keys(values) as (keyof Terms)[]).flatMap((member) =>
    values[member]!.map((value) => ({ member, terms, other: { ...terms, [member]: value } })),
  );
}

const measureJson = { name: "m", low: "0", high: "1", decimals: 0, squares: false };
const noiseJson = { ...noise };
const many = (count: number) => Array.from({ length: count }, (_, i) => `column ${i}`);

/** For each member what may not stand in its place, as JSON. */
export const OUT_OF_BOUNDS: { readonly [Member in keyof Terms]: readonly unknown[] } = {
  transfers: ["softspoken", "", null, true],
  protocol: [1, null],
  initiator: ["observer", ""],
  datasets: [
    { sender: "a" },
    { sender: "a", receiver: "" },
    { sender: "a", receiver: "b", more: 1 },
    { sender: "a", receiver: "r".repeat(129) },
    { sender: "a\n", receiver: "b" },
    { receiver: "exposures", sender: "conversions" },
  ],
  report: ["sum", "attribution"],
  match: [
    [],
    [{ key: "a", label: "" }],
    ["email"],
    ["a", "b", "c", "d"].map((key) => ({ key, label: key })),
    ["x", "y"].map((label) => ({ key: "email", label })),
  ],
  measures: [
    [measureJson],
    [measureJson, { ...measureJson, low: "2" }],
    [measureJson, measureJson],
    ...["-0", "00", "1.0", "0x1", "9223372036854775808", 0].map((high) => [
      measureJson,
      { ...measureJson, name: "n", low: "0", high },
    ]),
    [measureJson, { ...measureJson, name: "n", decimals: 10 }],
    [measureJson, { ...measureJson, name: "n", decimals: -1 }],
    [measureJson, { ...measureJson, name: "n", squares: 1 }],
    many(MEASURES_MAX + 1).map((name) => ({ ...measureJson, name })),
  ],
  senderGroupBy: [["a", "a"], many(9), "segment", ["\u202e"]],
  partitions: [[], [["a", "a"]], [["a"], ["a"]], [many(9)], many(9).map((name) => [name])],
  entriesMax: [0, 17, 1.5],
  events: [
    null,
    { perPerson: 0, windowSeconds: 0 },
    { perPerson: 9, windowSeconds: 0 },
    { perPerson: 1, windowSeconds: -1 },
    { perPerson: 1, windowSeconds: 366 * 86_400 + 1 },
  ],
  arms: [
    { column: "group", test: "test" },
    { column: "", test: "test", control: "control" },
  ],
  threshold: [10, 1_000_000_001, 100.5, "100"],
  release: [
    { mode: "none" },
    { mode: "exact", microEpsilon: 1 },
    { ...noiseJson, mechanism: "uniform" },
    { ...noiseJson, microEpsilon: 0 },
    { ...noiseJson, microEpsilon: 100_000_001 },
    { ...noiseJson, deltaExponent: 4 },
    { ...noiseJson, deltaExponent: 16 },
    { ...noiseJson, weights: { people: 0, measures: [1, 1] } },
    { ...noiseJson, weights: { people: 1001, measures: [1, 1] } },
    { ...noiseJson, weights: { people: 1, measures: [1] } },
    { ...noiseJson, weights: { people: 1, measures: [1, 0] } },
  ],
  totals: [0, null],
  rules: ["none"],
  resultTo: ["us", ""],
  otK: [5, "4"],
  shardPeople: [15, 65_537, null],
  replay: [0, null],
  streams: ["session", true, null],
};
