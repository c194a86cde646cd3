// Shared membership and values against a plain join of both sides' pseudonyms.
import { membershipDraws, storeSize } from "@halfroom/match";
import { expansionsFor, ROLES } from "@halfroom/mpc";
import { seededRng, testTransfers, testSession } from "@halfroom/testkit";
import { decodeFrame, SHARDS_MAX } from "@halfroom/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { everyoneOnce, openRows, plainRows, randomCase, runMembership } from "./membership-parties.ts";
import type { MembershipCase, Sizes } from "./membership-parties.ts";

const session = testSession("membership");
const transfers = await testTransfers(session);
const silently = await testTransfers(session, undefined, 4, "silent");
let shard = 0;

async function run(people: MembershipCase, seed: string, shards = 1, silent = false) {
  shard++;
  const source = silent ? silently : transfers;
  return runMembership(people, { session, transfers: source, shard, seed, shards, silent });
}

async function expectPlainJoin(people: MembershipCase, seed: string, shards = 1, silent = false) {
  const result = await run(people, seed, shards, silent);
  expect(everyoneOnce(people, result.people)).toBe(true);
  expect(openRows(result, 1 + people.values.length)).toEqual(plainRows(people, result.people));
  return result;
}

describe("both roles share each bin's membership and values", () => {
  const sizes: [string, Sizes][] = [
    ["one person each, the same", { sender: 1, receiver: 1, shared: 1, measures: 1 }],
    ["one person each, not the same", { sender: 1, receiver: 1, shared: 0, measures: 1 }],
    ["two people each, one shared", { sender: 2, receiver: 2, shared: 1, measures: 2 }],
    ["nobody on either side", { sender: 0, receiver: 0, shared: 0, measures: 1 }],
    ["no sender's people", { sender: 0, receiver: 7, shared: 0, measures: 1 }],
    ["no receiver's people", { sender: 7, receiver: 0, shared: 0, measures: 1 }],
    ["no measure", { sender: 333, receiver: 401, shared: 150, measures: 0 }],
    ["full overlap at the padding floor", { sender: 1024, receiver: 1024, shared: 1024, measures: 1 }],
    ["no overlap just above it", { sender: 1025, receiver: 1025, shared: 0, measures: 3 }],
    ["odd sizes and many measures", { sender: 1531, receiver: 1283, shared: 497, measures: 6 }],
    ["a much larger receiver", { sender: 3, receiver: 4999, shared: 2, measures: 1 }],
    ["a much larger sender", { sender: 6001, receiver: 5, shared: 4, measures: 1 }],
  ];

  test.each(sizes)("%s", async (name, size) => {
    await expectPlainJoin(randomCase(size, seededRng(name)), name);
  });

  test.each([
    ["nobody on either side", { sender: 0, receiver: 0, shared: 0, measures: 1 }],
    ["no measure", { sender: 333, receiver: 401, shared: 150, measures: 0 }],
    ["odd sizes and many measures", { sender: 1531, receiver: 1283, shared: 497, measures: 6 }],
  ])("with keys from a vector, and no matrix: %s", async (name, size) => {
    const { log } = await expectPlainJoin(randomCase(size, seededRng(name)), name, 1, true);
    const sent = log.receiver
      .filter(({ direction }) => direction === "sent")
      .map(({ frame }) => decodeFrame(frame).message);
    const masks = sent.flatMap((message) => (message.type === "binMasks" ? [message.data.length] : []));
    expect(masks.reduce((sum, length) => sum + length, 0)).toBe(
      16 * Math.ceil(1.33 * Math.max(size.receiver, 1024)),
    );
    expect(sent.filter(({ type }) => type === "binMatrix" || type === "binCheck")).toEqual([]);
  });

  test.each([0, 1, 2])(
    "as one of so many shards that a target takes two numbers, with %i measures",
    async (measures) => {
      const people = randomCase({ sender: 900, receiver: 700, shared: 301, measures }, seededRng("wide"));
      const { log } = await expectPlainJoin(people, "wide", SHARDS_MAX);
      const stores = log.sender
        .filter(({ direction }) => direction === "sent")
        .map(({ frame }) => decodeFrame(frame).message)
        .flatMap((message) => (message.type === "store" ? [message.data.length] : []));
      const { slots } = storeSize(3 * 1024, 40 + 14);
      expect(stores.reduce((sum, length) => sum + length, 0)).toBe(8 * (2 + measures) * slots);
    },
  );

  test("of any sizes and overlaps", async () => {
    const sizesOf = fc
      .record({
        sender: fc.integer({ min: 0, max: 1500 }),
        receiver: fc.integer({ min: 0, max: 1500 }),
        overlap: fc.double({ min: 0, max: 1, noNaN: true }),
        measures: fc.integer({ min: 0, max: 3 }),
      })
      .map(({ overlap, ...rest }) => ({
        ...rest,
        shared: Math.round(overlap * Math.min(rest.sender, rest.receiver)),
      }));
    const property = fc.asyncProperty(sizesOf, fc.string(), async (size, seed) => {
      await expectPlainJoin(randomCase(size, seededRng(seed)), seed);
    });
    await fc.assert(property, { numRuns: 12, seed: 2022322 });
  });

  test("values at the ends of the ring come back as they were", async () => {
    const edges = [
      0n,
      1n,
      -1n,
      2n ** 32n,
      -(2n ** 32n),
      2n ** 63n - 1n,
      -(2n ** 63n),
      -(2n ** 62n),
      0xffffffffn,
    ];
    const people = randomCase({ sender: 45, receiver: 40, shared: 36, measures: 2 }, seededRng("edges"));
    const columns = people.values.map((column, m) => column.map((_, i) => edges[(i + m) % edges.length]!));
    const { people: placed, ...shares } = await expectPlainJoin({ ...people, values: columns }, "edges");
    const opened = openRows({ ...shares, people: placed }, 3).flat();
    for (const edge of edges) expect(opened).toContain(edge);
  });
});

test("neither side's shares alone say which bins hold a shared person", async () => {
  const people = randomCase({ sender: 1024, receiver: 1024, shared: 512, measures: 1 }, seededRng("alone"));
  const result = await run(people, "alone");
  const members = plainRows(people, result.people).map(([member]) => member === 1n);
  for (const shares of [result.senderShares, result.receiverShares]) {
    // All 64 bits of a share are balanced among members as among others: 5 standard deviations of 512 and of 850 coins.
    for (const kind of [true, false]) {
      const own = [...shares].filter((_, i) => members[i >>> 1] === kind);
      for (let bit = 0n; bit < 64n; bit++) {
        const ones = own.filter((share) => (share >> bit) & 1n).length;
        expect(Math.abs(ones - own.length / 2)).toBeLessThan(2.5 * Math.sqrt(own.length));
      }
    }
    expect(new Set(shares).size).toBe(shares.length);
  }
});

test("the smallest shard draws what expansions take, and 70,176 transfers of direction `receiver`", () => {
  const draws = membershipDraws({ receiverPeople: 1, measures: 0, shards: 1 });
  const sizes = expansionsFor(draws);
  expect(sizes.receiver.transfers).toBe(70_176);
  // The code is one of whole words of 64 places.
  for (const role of ROLES) expect((sizes[role].trees * 2 ** sizes[role].depth) % 64).toBe(0);
});
