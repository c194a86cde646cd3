// Attribution and lift: whole sessions on two CSV files, compared with plain SQL on the same files, to the unit.
import { tmpdir } from "node:os";
import { readFileSync, writeFileSync } from "node:fs";
import { GroupPool } from "@halfroom/crypto";
import {
  type CreditCell,
  type CreditQuery,
  exactSums,
  plainCredit,
  resultOf,
  runPair,
  seededRng,
  withCsvFiles,
  inMemory,
} from "@halfroom/testkit";
import { SHARD_PEOPLE_MAX, type Terms } from "@halfroom/session";
import { datasetSchema, prepareReceiverDataset, prepareSenderDataset } from "@halfroom/prepare";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const DAY = 86_400;
const THRESHOLD = 5;
const START = Date.UTC(2026, 0, 5) / 1000;

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

/** Times within a few weeks, many of them equal and many exactly a window apart. */
function files(seed: string, people: number, touchesOfOne: number, keys: number) {
  const bytes = seededRng(seed).bytes(people * 200);
  let at = 0;
  const draw = (below: number) => bytes[at++]! % below;
  const moment = () => START + draw(12) * 2 * DAY + draw(3) - 1;
  const phone = (person: number) => `+49301${100_000 + person}`;
  const iso = (t: number) => new Date(t * 1000).toISOString().slice(0, 19).replace("T", " ");
  const sender = ["email,phone,at,revenue,items"];
  const receiver = ["email,phone,at,campaign,arm"];
  // With two keys: people whom the receiver knows by a different address, it knows by their phone, and some by both.
  const linked = ["email,at,campaign,arm"];
  for (let person = 0; person < people; person++) {
    // Two thirds are on both sides.
    if (person % 3 !== 0) {
      for (let event = draw(6); event > 0; event--) {
        const revenue = draw(4) === 0 ? 0 : draw(200) - 60;
        sender.push(`p${person}@example.com,${phone(person)},${iso(moment())},${revenue},1`);
      }
    }
    if (person % 3 !== 1) {
      for (let touch = 1 + draw(touchesOfOne); touch > 0; touch--) {
        const campaign = ["spring", "autumn", "winter", "brand"][draw(4)]!;
        const rest = `${iso(moment())},${campaign},${["test", "control"][draw(2)]!}`;
        linked.push(`p${person}@example.com,${rest}`);
        const known = person % 9 < 6 || keys === 1;
        const ofPerson = person % 9 < 3 && keys === 2 ? "" : phone(person);
        receiver.push(`${known ? "p" : "other"}${person}@example.com,${ofPerson},${rest}`);
      }
    }
  }
  const [senderCsv, receiverCsv, linkedCsv] = [sender, receiver, linked].map(
    (rows) => `${rows.join("\n")}\n`,
  );
  return { senderCsv: senderCsv!, receiverCsv: receiverCsv!, linkedCsv: linkedCsv! };
}

const KEYS = ["email", "phone"];

function termsOf(query: CreditQuery, keys: number): Terms {
  // Squares are of one entry.
  const bounds = { low: -100_000n, high: 100_000n, decimals: 0, squares: query.entries === 1 };
  const measures = query.measures.map((name) => ({ name, ...bounds }));
  const { groupBy, events, entries, windowSeconds } = query;
  return {
    ...exactSums({ measures, groupBy, threshold: THRESHOLD, otK: 4 }),
    match: KEYS.slice(0, keys).map((key) => ({ key, label: key })),
    report: query.keep === "first" ? "lift" : "attribution",
    entriesMax: entries,
    events: { perPerson: events, windowSeconds },
  };
}

async function prepare(
  { sender, receiver }: Record<"sender" | "receiver", string>,
  query: CreditQuery,
  keys = 1,
) {
  const match = KEYS.slice(0, keys);
  const common = {
    match: Object.fromEntries(match.map((key) => [key, { columns: key }])),
    time: { column: "at" },
  };
  const purchases = datasetSchema.parse({
    name: "purchases",
    source: { csv: sender },
    measures: Object.fromEntries(query.measures.map((name) => [name, {}])),
    ...common,
  });
  const exposures = datasetSchema.parse({
    name: "exposures",
    source: { csv: receiver },
    dimensions: Object.fromEntries(query.groupBy.map((name) => [name, {}])),
    ...common,
  });
  const { measures } = termsOf(query, keys);
  const ofSender = { match, measures, dimensions: [], events: { max: query.events } };
  const entries = { kind: "touches", max: query.entries, keep: query.keep } as const;
  const ofReceiver = { match, partitions: [query.groupBy], entries };
  return {
    sender: await inMemory(prepareSenderDataset(purchases, ofSender, { scratch: tmpdir() })),
    receiver: await inMemory(prepareReceiverDataset(exposures, ofReceiver, { scratch: tmpdir() })),
  };
}

/** Runs prepare and both roles. Fails unless every opened number equals SQL's and every other one is under a threshold. */
async function expectPlain(
  seed: string,
  query: CreditQuery,
  keys = 1,
  shardPeople = SHARD_PEOPLE_MAX,
): Promise<CreditCell[]> {
  const texts = files(seed, 240, query.entries + 1, keys);
  return await withCsvFiles(texts, async (paths) => {
    const linked = `${paths.receiver}.linked`;
    writeFileSync(linked, texts.linkedCsv);
    const plain = await plainCredit(paths.sender, linked, query);
    const data = await prepare(paths, query, keys);
    const terms = { ...termsOf(query, keys), shardPeople };
    const threshold = THRESHOLD * keys;
    const ended = await runPair({ data, terms, pool, seed });
    for (const role of ["sender", "receiver"] as const) {
      const { partitions } = resultOf(ended[role]).report!;
      const { cells } = partitions[0]!;
      const passing = plain.filter(({ people }) => people >= threshold);
      expect(cells.map(({ labels }) => labels)).toEqual(passing.map(({ labels }) => labels));
      cells.forEach(({ people, sums, squares }, i) => {
        expect(people?.value).toBe(passing[i]!.people);
        expect(squares !== undefined).toBe(query.entries === 1 && sums.length > 0);
        sums.forEach((sum, m) => {
          if (sum === undefined) return expect(passing[i]!.contributors[m]).toBeLessThan(threshold);
          expect(sum.value).toBe(passing[i]!.sums[m]);
          if (squares !== undefined) expect(squares[m]!.value).toBe(passing[i]!.squares[m]);
        });
      });
      const tells = terms.report === "lift";
      expect(cells.map(({ base }) => base?.value)).toEqual(
        passing.map(({ base }) => (tells ? base : undefined)),
      );
      if (role === "receiver") {
        expect(partitions[0]!.base!.map(({ people }) => BigInt(people))).toEqual(
          plain.map(({ base }) => base),
        );
      }
    }
    return plain;
  });
}

const ATTRIBUTION: CreditQuery = {
  measures: ["revenue", "items"],
  groupBy: ["campaign"],
  events: 3,
  entries: 4,
  keep: "last",
  windowSeconds: 4 * DAY,
};

describe("attribution", () => {
  test.each([
    ["3 events, 4 touches, a window", {}],
    ["no window", { windowSeconds: 0 }],
    ["1 event, 1 touch", { events: 1, entries: 1, measures: ["revenue"] }],
    ["people alone, by two columns", { measures: [], groupBy: ["campaign", "arm"], events: 8, entries: 2 }],
  ] as const)("of %s is the plain join", async (title, changes) => {
    const plain = await expectPlain(title, { ...ATTRIBUTION, ...changes });
    expect(plain.filter(({ people }) => people >= THRESHOLD).length).toBeGreaterThan(0);
  });

  test("with two match keys, by any of which a person is found, is the plain join by person", async () => {
    const plain = await expectPlain("two keys", ATTRIBUTION, 2);
    expect(plain.filter(({ people }) => people >= 2 * THRESHOLD).length).toBeGreaterThan(1);
  });

  test("is the same cut into shards", async () => {
    // At most 60 of the receiver's 160 people.
    const plain = await expectPlain("shards", ATTRIBUTION, 1, 60);
    expect(plain.filter(({ people }) => people >= THRESHOLD).length).toBeGreaterThan(1);
  });

  test("counts what found no room in a person's events and touches", async () => {
    await withCsvFiles(files("no room", 240, 6, 1), async (paths) => {
      const query = { ...ATTRIBUTION, events: 1, entries: 2 };
      const { sender, receiver } = await prepare(paths, query);
      const rowsOf = (file: string) => readFileSync(file, "utf8").trim().split("\n").slice(1);
      const beyond = (rows: readonly string[], max: number) => {
        const counts = new Map<string, number>();
        for (const email of rows.map((row) => row.split(",")[0]!))
          counts.set(email, (counts.get(email) ?? 0) + 1);
        return [...counts.values()].reduce((sum, count) => sum + Math.max(0, count - max), 0);
      };
      expect(sender.events!.lost).toBe(beyond(rowsOf(paths.sender), 1));
      const touches = [...new Set(rowsOf(paths.receiver).map((row) => row.replace(/,\w+$/, "")))];
      expect(receiver.partitions[0]!.lostEntries).toBe(beyond(touches, 2));
    });
  });
});

describe("lift", () => {
  const LIFT: CreditQuery = { ...ATTRIBUTION, groupBy: ["arm"], entries: 1, keep: "first", windowSeconds: 0 };

  test.each([
    ["at any time after the first touch", {}],
    ["within days of it", { windowSeconds: 6 * DAY, events: 5 }],
  ] as const)("%s is the plain join", async (title, changes) => {
    const plain = await expectPlain(title, { ...LIFT, ...changes });
    expect(plain.filter(({ people }) => people >= THRESHOLD)).toHaveLength(2);
  });

  test("with two match keys squares what a person has, once", async () => {
    const plain = await expectPlain("two keys, lift", { ...LIFT, windowSeconds: 6 * DAY }, 2);
    expect(plain.filter(({ people }) => people >= 2 * THRESHOLD)).toHaveLength(2);
  });
});
