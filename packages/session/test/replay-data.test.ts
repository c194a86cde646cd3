// What data an auditor takes for that of an honest node: each case is honest data with one thing changed.
import { allNumbers, packRows, rowAt, allRows, RecordStore } from "@halfroom/crypto";
import type { HeldReceiver, HeldSender } from "@halfroom/prepare";
import { TERMS, testIdentity } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { encodeItems } from "../../prepare/src/keys/items.ts";
import { dataComplaint, shapeComplaint } from "../src/replay/check-data.ts";
import type { HeldData } from "../src/replay/held-data.ts";
import type { ReplaySide } from "../src/replay/side.ts";
import type { HeldItems } from "../src/replay/check-items.ts";
import type { Terms } from "../src/terms/terms.ts";
import { DATA } from "./sides.ts";

const KEYS = [
  { key: "email", label: "email/iab-1" },
  { key: "phone", label: "phone/plus/1" },
];
const TWO_KEYS: Terms = { ...TERMS, match: KEYS };
const EVENTS: Terms = { ...TERMS, events: { perPerson: 2, windowSeconds: 60 }, entriesMax: 2 };

/** Two people; the second has an address alone. */
const records = new RecordStore();
const digests = records.records(16);
digests.append(new Uint32Array(Uint8Array.from({ length: 2 * 2 * 32 }, (_, i) => (i < 96 ? i : 0)).buffer));
const encoded = await encodeItems(
  { count: 2, keys: KEYS.map(({ label }) => label), digests, present: Uint8Array.of(3, 1) },
  records,
);
const items: HeldItems = {
  identifiers: await allRows(encoded.identifiers),
  items: encoded.items && (await allNumbers(encoded.items)),
};
const single = { identifiers: packRows(["a", "b"].map((text) => Buffer.from(text))) };
const i64 = (...numbers: number[]) => BigInt64Array.from(numbers, BigInt);
const u32 = (...numbers: number[]) => Uint32Array.from(numbers);
const { counts } = DATA.sender;
const common = { ...counts, people: 2, digest: new Uint8Array(32) };

const sender: HeldSender = {
  ...common,
  measures: [i64(5, 5, -5, 7, 7, -7), i64(-1, -1, 1, 0, 0, 0)],
  peoplePayload: i64(1, 1, -1, 1, 1, -1),
  categories: u32(0, 0, 0, 1, 1, 1),
  categoryLabels: [["a"], ["b"]],
};
const withEvents: HeldSender = {
  ...common,
  measures: [i64(50_000, 7), i64(0, 0)],
  peoplePayload: undefined,
  categories: u32(0, 1),
  categoryLabels: [["a"], ["b"]],
  events: {
    counts: Uint8Array.of(2, 1),
    times: [u32(10, 20), u32(15, 0)],
    values: [
      [i64(20_000, 7), i64(30_000, 0)],
      [i64(0, 0), i64(0, 0)],
    ],
    lost: 0,
  },
};
const partition = { groupBy: ["campaign", "age_band"], labels: ["x", "y"].map((label) => [label, label]) };
const receiver: HeldReceiver = {
  ...common,
  partitions: [{ ...partition, cells: u32(0, 0, 0, 1, 1, 1), base: u32(1, 1) }],
};
const NONE = 0xffff_ffff;
const touched: HeldReceiver = {
  ...common,
  partitions: [
    { ...partition, cells: u32(0, 1), base: u32(2, 1), entries: [u32(0, 1), u32(0, 0)], lostEntries: 0 },
  ],
  times: [u32(10, 20), u32(15, 20)],
};
const several = { ...touched.partitions[0]!, entries: [u32(0, 1), u32(NONE, 0)] };

function sideOf(data: Partial<HeldData>, ofItems: ReplaySide["items"]): ReplaySide {
  return {
    data: { counts, digest: common.digest, ...data } as ReplaySide["data"],
    items: ofItems,
    signingKey: testIdentity("sender").signingKey,
    record: [],
    secrets: { missing: u32(0, 1) } as ReplaySide["secrets"],
  };
}
const senderSide = (changes: Partial<HeldSender> = {}, of = items) =>
  sideOf({ role: "sender", people: { ...sender, ...changes } }, of);
const receiverSide = (changes: Partial<HeldReceiver["partitions"][number]> = {}, of = items) =>
  sideOf(
    { role: "receiver", people: { ...receiver, partitions: [{ ...receiver.partitions[0]!, ...changes }] } },
    of,
  );
const eventsSide = (changes: Partial<NonNullable<HeldSender["events"]>> = {}) =>
  sideOf(
    { role: "sender", people: { ...withEvents, events: { ...withEvents.events!, ...changes } } },
    single,
  );
const touchesSide = (changes: Partial<HeldReceiver> = {}) =>
  sideOf({ role: "receiver", people: { ...touched, ...changes } }, single);
const severalSide = (entries = several.entries, base = u32(2, 1)) =>
  sideOf(
    {
      role: "receiver",
      people: { ...touched, times: undefined, partitions: [{ ...several, entries, base }] },
    },
    single,
  );
const SEVERAL: Terms = { ...TERMS, entriesMax: 2 };

test.each<[string, Terms, ReplaySide]>([
  ["a sender's with two keys", TWO_KEYS, senderSide()],
  ["a receiver's with two keys", TWO_KEYS, receiverSide()],
  ["a sender's with events", EVENTS, eventsSide()],
  ["a receiver's with touches", EVENTS, touchesSide()],
  ["a receiver's with several cells a person", SEVERAL, severalSide()],
])("honest data is: %s", (_, terms, side) => {
  expect(shapeComplaint(terms, side)).toBeUndefined();
  expect(dataComplaint(terms, side)).toBeUndefined();
});

const rows = Array.from({ length: 4 }, (_, row) => rowAt(items.identifiers, row));
const withRows = (...changed: Uint8Array[]) => ({ ...items, identifiers: packRows(changed) });
const OTHER_DIGEST = Uint8Array.from(rows[2]!, (byte, i) => (i === rows[2]!.length - 1 ? byte ^ 1 : byte));

test.each<[string, Terms, ReplaySide]>([
  ["a person twice", TWO_KEYS, senderSide({}, withRows(rows[0]!, rows[1]!, rows[2]!, rows[0]!))],
  [
    "items of two keys that are no person's",
    TWO_KEYS,
    senderSide({}, withRows(rows[0]!, rows[1]!, OTHER_DIGEST, rows[3]!)),
  ],
  [
    "no item that takes back a second match",
    TWO_KEYS,
    senderSide({}, { ...items, items: u32(0, 1, NONE, 3, NONE, NONE) }),
  ],
  ["another sign", TWO_KEYS, senderSide({ peoplePayload: i64(1, 1, 1, 1, 1, -1) })],
  [
    "another value by each key",
    TWO_KEYS,
    senderSide({ measures: [i64(5, 6, -5, 7, 7, -7), sender.measures[1]!] }),
  ],
  ["another category by each key", TWO_KEYS, senderSide({ categories: u32(0, 1, 0, 1, 1, 1) })],
  ["another cell by each key", TWO_KEYS, receiverSide({ cells: u32(0, 1, 0, 1, 1, 1) })],
  [
    "a cell twice",
    TWO_KEYS,
    receiverSide({
      labels: [
        ["x", "x"],
        ["x", "x"],
      ],
    }),
  ],
  ["more people in a cell than there are", TWO_KEYS, receiverSide({ base: u32(100, 1) })],
  ["a person twice in a cell", SEVERAL, severalSide([u32(0, 1), u32(0, 0)], u32(2, 1))],
  [
    "events that add up beyond the bound",
    EVENTS,
    eventsSide({ values: [[i64(30_000, 7), i64(30_000, 0)], withEvents.events!.values[1]!] }),
  ],
  [
    "a value of no event",
    EVENTS,
    eventsSide({ values: [[i64(20_000, 7), i64(30_000, 1)], withEvents.events!.values[1]!] }),
  ],
  ["events out of order", EVENTS, eventsSide({ times: [u32(16, 20), u32(15, 0)] })],
  ["touches out of order", EVENTS, touchesSide({ times: [u32(16, 20), u32(15, 20)] })],
  ["a moment of no touch", EVENTS, touchesSide({ partitions: [several] })],
])("a changed node's is not: %s", (_, terms, side) => {
  expect(shapeComplaint(terms, side)).toBeUndefined();
  expect(dataComplaint(terms, side)).toMatch(/^the data /);
});

describe("what does not fit the terms is no data of the session", () => {
  test.each<[string, Terms, ReplaySide]>([
    ["a measure less", TWO_KEYS, senderSide({ measures: sender.measures.slice(1) })],
    ["no signs", TWO_KEYS, senderSide({ peoplePayload: undefined })],
    ["events that nobody asked for", TWO_KEYS, senderSide({ events: withEvents.events })],
    ["no events", EVENTS, senderSide({}, single)],
    ["no partition", TWO_KEYS, sideOf({ role: "receiver", people: { ...receiver, partitions: [] } }, items)],
    ["entries that nobody asked for", TERMS, severalSide()],
    ["no touches", EVENTS, severalSide()],
    ["a row that is not there", TWO_KEYS, senderSide({}, { ...items, items: u32(0, 1, 9, 3, NONE, NONE) })],
  ])("%s", (_, terms, side) => {
    expect(shapeComplaint(terms, side)).toBe("its data is not of the shape of the terms");
  });
});
