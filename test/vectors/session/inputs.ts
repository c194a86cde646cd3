// What the recorded sessions are made from. After a change here or in the protocol, run `npm run vectors`.
import { exactSums } from "@halfroom/testkit";
import { THRESHOLD_FLOOR, type Terms } from "@halfroom/session";

export interface VectorInput {
  /** The file's name without ".json". */
  readonly name: string;
  readonly senderCsv: string;
  readonly receiverCsv: string;
  readonly terms: Terms;
}

const span = (first: number, end: number) => Array.from({ length: end - first }, (_, i) => first + i);
const lines = (...rows: string[]) => rows.map((row) => `${row}\n`).join("");
const times = (count: number, value: string) => Array.from({ length: count }, () => value);

const AMOUNT = { name: "amount", low: -500n, high: 5000n, decimals: 2, squares: false };
const ORDERS = { name: "orders", low: 0n, high: 10n, decimals: 0, squares: false };
const EMAIL = { key: "email", label: "email/iab-1" };
const PHONE = { key: "phone", label: "phone/plus/libphonenumber-js 1.13.16 min" };

function exact(changes: Partial<Terms> = {}): Terms {
  return {
    ...exactSums({ measures: [ORDERS], groupBy: ["campaign"], threshold: THRESHOLD_FLOOR, otK: 4 }),
    ...changes,
  };
}

/** Enough epsilon per partition that even few people are many compared to the noise. */
function noisy(mechanism: "laplace" | "gaussian", changes: Partial<Terms> = {}): Terms {
  const terms = { ...exact({ threshold: 20, initiator: "receiver" }), ...changes };
  const weights = { people: 1, measures: terms.measures.map(() => 1) };
  const microEpsilon = 6_000_000 * terms.partitions.length;
  return { ...terms, release: { mode: "noise", mechanism, microEpsilon, deltaExponent: 6, weights } };
}

// Persons 0 to 42 of the sender; 0 to 30 and 26 strangers of the receiver. Of "spring, 18-24" 14 of 26 match, of "spring,
// 25-34" 11 of 22, too few of whom have orders, of "autumn, 25-34" all 6, of "autumn, 45-54" none of 3.
const SENDER = lines(
  "email,amount,orders",
  ...span(0, 43).map((i) => `Person${i}@Example.com,${i % 3 === 0 ? "-" : ""}${i}.25,${i % 7 === 0 ? 0 : i}`),
  " person3@example.com ,100,1",
  "nobody,1,1",
);
const CELL_OF = [
  ...times(14, "spring,18-24"),
  ...times(11, "spring,25-34"),
  ...times(6, '"autumn, late",25-34'),
];
const STRANGERS = [
  ...times(12, "spring,18-24"),
  ...times(11, "spring,25-34"),
  ...times(3, '"autumn, late",45-54'),
];
const RECEIVER = lines(
  "email,campaign,age band",
  ...CELL_OF.map((labels, i) => `PERSON${i}@example.com,${labels}`),
  ...STRANGERS.map((labels, i) => `person${i}@example.org,${labels}`),
);
const BOTH = { senderCsv: SENDER, receiverCsv: RECEIVER };

// Person i has phone i. Every third person of the sender lacks the phone, every fourth of the receiver the address; of the 26
// people on both sides, 24 match, by one key or both, and two lack opposite keys.
const phone = (i: number) => `+493012345${100 + i}`;
const KEYS = {
  senderCsv: lines(
    "email,phone,orders",
    ...span(0, 50).map((i) => `p${i}@example.com,${i % 3 === 0 ? "" : phone(i)},${1 + (i % 4)}`),
  ),
  receiverCsv: lines(
    "email,phone,campaign",
    ...span(24, 74).map((i) => `${i % 4 === 1 ? "" : `p${i}@example.com`},${phone(i)},spring`),
  ),
};

// Of "spring" 12 new and 11 old customers match, of "autumn" 2 and 3.
const CATEGORIES = {
  senderCsv: lines(
    "email,amount,segment",
    ...[...times(12, "new"), ...times(11, "old"), "new", "new", "old", "old", "old"]
      .concat(times(11, "new"), times(11, "old"))
      .map((segment, i) => `p${i}@example.com,${i - 4}.5,${segment}`),
  ),
  receiverCsv: lines(
    "email,campaign",
    ...span(0, 23).map((i) => `p${i}@example.com,spring`),
    ...span(23, 28).map((i) => `p${i}@example.com,autumn`),
    ...span(0, 11).map((i) => `q${i}@example.com,spring`),
  ),
};

// Of "spring" 12 of 24 match; of "autumn" 22 of 24, more than 85 %.
const PAIR = {
  senderCsv: lines("email,orders", ...span(0, 46).map((i) => `p${i}@example.com,${1 + (i % 3)}`)),
  receiverCsv: lines(
    "email,campaign",
    ...span(0, 12).map((i) => `p${i}@example.com,spring`),
    ...span(12, 34).map((i) => `p${i}@example.com,autumn`),
    ...span(0, 14).map((i) => `q${i}@example.com,${i < 12 ? "spring" : "autumn"}`),
  ),
};

// Everybody on both sides was reached twice; each has an event before, one between and one after.
const day = (number: number) => `2026-01-${String(number).padStart(2, "0")} 12:00:00`;
const EVENTS = {
  senderCsv: lines(
    "email,at,orders",
    ...span(0, 40).flatMap((i) => [5, 15, 25].map((at, n) => `p${i}@example.com,${day(at)},${(i + n) % 4}`)),
  ),
  receiverCsv: lines(
    "email,at,campaign,arm",
    ...span(0, 28).flatMap((i) => {
      const arm = i % 2 === 0 ? "test" : "control";
      return [
        `p${i}@example.com,${day(10)},${i < 14 ? "spring" : "autumn"},${arm}`,
        `p${i}@example.com,${day(20)},${i < 14 ? "autumn" : "brand"},${arm}`,
      ];
    }),
    ...span(0, 26).map((i) => {
      const campaign = ["spring", "autumn"][i % 2]!;
      return `q${i}@example.com,${day(10)},${campaign},${i < 13 ? "test" : "control"}`;
    }),
  ),
};

export const INPUTS: readonly VectorInput[] = [
  {
    name: "two-measures",
    ...BOTH,
    terms: exact({ measures: [AMOUNT, ORDERS], partitions: [["campaign", "age band"]] }),
  },
  { name: "people-alone", ...BOTH, terms: exact({ measures: [], otK: 8 }) },
  { name: "nothing-passes", ...BOTH, terms: exact({ partitions: [["age band"]], threshold: 100 }) },
  { name: "laplace", ...BOTH, terms: noisy("laplace") },
  { name: "gaussian", ...BOTH, terms: noisy("gaussian") },
  { name: "several-keys", ...KEYS, terms: exact({ match: [EMAIL, PHONE] }) },
  {
    name: "sender-categories",
    ...CATEGORIES,
    terms: exact({ measures: [{ ...AMOUNT, squares: true }], senderGroupBy: ["segment"] }),
  },
  {
    name: "several-partitions",
    ...BOTH,
    terms: noisy("laplace", { partitions: [["campaign"], [], ["age band"]] }),
  },
  { name: "totals", ...BOTH, terms: exact({ partitions: [["campaign", "age band"]], totals: true }) },
  { name: "pair", ...PAIR, terms: exact({ rules: "pair" }) },
  {
    name: "attribution",
    ...EVENTS,
    terms: exact({
      report: "attribution",
      entriesMax: 2,
      events: { perPerson: 3, windowSeconds: 7 * 86_400 },
    }),
  },
  {
    name: "lift",
    ...EVENTS,
    terms: exact({
      report: "lift",
      measures: [{ ...ORDERS, squares: true }],
      partitions: [["arm"]],
      events: { perPerson: 2, windowSeconds: 0 },
      arms: { column: "arm", test: "test", control: "control" },
    }),
  },
  {
    name: "lift-window",
    ...EVENTS,
    terms: exact({
      report: "lift",
      measures: [{ ...ORDERS, squares: true }],
      partitions: [["arm"]],
      events: { perPerson: 3, windowSeconds: 20 * 86_400 },
      arms: { column: "arm", test: "test", control: "control" },
    }),
  },
  { name: "index", ...BOTH, terms: noisy("laplace", { report: "index", measures: [] }) },
  { name: "lanes", ...BOTH, terms: exact({ shardPeople: 32 }) },
  { name: "silent", ...BOTH, terms: exact({ transfers: "silent" }) },
  {
    name: "silent-attribution",
    ...EVENTS,
    terms: exact({
      report: "attribution",
      entriesMax: 2,
      events: { perPerson: 3, windowSeconds: 7 * 86_400 },
      transfers: "silent",
      replay: true,
    }),
  },
  { name: "result-to-sender", ...BOTH, terms: exact({ resultTo: "sender" }) },
  { name: "result-to-receiver", ...BOTH, terms: noisy("laplace", { resultTo: "receiver" }) },
];
