// The figures of section 16 of the specification, computed from the code's own sizes.
import { describe, expect, test } from "vitest";
import { CELLS_MAX, ENTRIES_MAX, EVENTS_MAX, MEASURES_MAX, PEOPLE_MAX, SHARDS_MAX } from "@halfroom/wire";
import { leavesOfGroupings } from "../../packages/aggregate/src/groupings.ts";
import { creditTripleWords, type CreditTerms } from "../../packages/aggregate/src/credit/terms.ts";
import { networkPieces } from "../../packages/mpc/src/network/wires.ts";
import { EXPANSION_MAX, expansionsOf, VECTOR } from "../../packages/mpc/src/silent/parameters.ts";
import { binCount } from "../../packages/match/src/cuckoo/positions.ts";
import { SHARD_PEOPLE_MAX, shardSizes } from "../../packages/session/src/shards/sizes.ts";
import { specSays, specTable } from "./tables.ts";

const BITS = 128;
const SENDER_TIMES = 4;

interface Limits {
  /** Of the shards. */
  readonly senderPeople: number;
  readonly receiverPeople: number;
  readonly shards: number;
  readonly cells: number;
}

const hundredThousand: Limits = { ...shardSizes(100_000, 100_000, SHARD_PEOPLE_MAX), cells: 64 };

/** The fullest shard of any session: one for each number of shards, of either side, since a shard is fullest just before there is one more. */
function fullest(): Limits {
  const most = { senderPeople: 0, receiverPeople: 0, shards: 0, cells: CELLS_MAX };
  const each = (people: number, times: number, sizesOf: (all: number) => Omit<Limits, "cells">) => {
    for (let shards = 1; shards <= Math.ceil(people / times); shards++) {
      const sizes = sizesOf(Math.min(people, shards * times));
      most.senderPeople = Math.max(most.senderPeople, sizes.senderPeople);
      most.receiverPeople = Math.max(most.receiverPeople, sizes.receiverPeople);
      most.shards = Math.max(most.shards, sizes.shards);
    }
  };
  each(PEOPLE_MAX, SHARD_PEOPLE_MAX, (all) => shardSizes(1, all, SHARD_PEOPLE_MAX));
  each(PEOPLE_MAX, SENDER_TIMES * SHARD_PEOPLE_MAX, (all) => shardSizes(all, 1, SHARD_PEOPLE_MAX));
  return most;
}
const most = fullest();

const credit = (events: number, entries: number, measures: number, contributors: boolean): CreditTerms => {
  return { events, entries, measures, contributors, windowSeconds: 86_400, squares: [] };
};

const words = (n: number) => Math.ceil(n / 32);
const creditBits = (terms: CreditTerms) => (limits: Limits) =>
  32 * creditTripleWords(terms, 32 * words(binCount(limits.receiverPeople)));

function equalityBits({ receiverPeople, shards }: Limits): number {
  const bins = binCount(receiverPeople);
  return 32 * (40 + Math.ceil(Math.log2(shards * bins)) - 1) * words(bins);
}

/** Most nodes on hidden paths that an expansion of any number of transfers has: T below 2 x 448, at the depth of the largest. */
function hiddenNodes(): number {
  const all = Array.from({ length: EXPANSION_MAX / 32 }, (_, i) => expansionsOf(32 * (i + 1)));
  return Math.max(...all.map(({ trees, depth }) => trees * depth));
}
const expansionNodes = hiddenNodes();

/** The most cells that a grouping with slots has, each of which changed flips may make a hole. */
const SLOT_CELLS_MOST = Math.max(
  ...Array.from({ length: 17 }, (_, depth) => 2 ** depth).filter(
    (cells) => leavesOfGroupings([cells], 1)[0] === "slots",
  ),
);

/** Leaves and masks of a network of the most cells, an odd number of each gate's leaves, so maybe nearly all, in holes of changed flips. */
function networkLeaves({ receiverPeople }: Limits): number {
  const bins = binCount(receiverPeople);
  const gates = networkPieces(bins, CELLS_MAX);
  return gates.reduce((sum, { count, transfers }) => sum + count + transfers, bins);
}

interface Step {
  /** Blocks under one key. */
  readonly blocks: (limits: Limits) => number;
  /** Of the secret that they hide. */
  readonly bits: number;
}
const step = (blocks: Step["blocks"], bits = BITS): Step => ({ blocks, bits });

/** In the order of the table. */
const STEPS: readonly Step[] = [
  step(({ senderPeople }) => 3 * Math.max(1024, senderPeople)),
  step(({ receiverPeople, cells }) => binCount(receiverPeople) * Math.log2(cells)),
  step(equalityBits),
  step(equalityBits, BITS - 1),
  step(({ receiverPeople }) => SLOT_CELLS_MOST * binCount(receiverPeople), BITS - 1),
  step(networkLeaves, BITS - 1),
  step(() => expansionNodes),
  step(() => VECTOR.trees * VECTOR.depth, BITS - 1),
  step(() => VECTOR.trees, BITS - 1),
  step(creditBits(credit(4, 4, 1, false))),
  step(creditBits(credit(EVENTS_MAX, ENTRIES_MAX, MEASURES_MAX, true))),
];

const power = (x: number, digits = 1) => `2^${Math.log2(x).toFixed(digits)}`;
const bitsOf = ({ blocks, bits }: Step, limits: Limits) => bits - Math.log2(blocks(limits));
const level = (of: Step, limits: Limits) =>
  `${power(of.blocks(limits))}: ${Math.floor(bitsOf(of, limits))} bits`;

describe("the computational level", () => {
  test("is what the table says, step by step", () => {
    const rows = specTable("levels").map(([, , small, large]) => [small, large]);
    expect(rows).toEqual(STEPS.map((of) => [level(of, hundredThousand), level(of, most)]));
  });

  test("is 96 bits and more at every limit", () => {
    const least = Math.min(...STEPS.map((of) => bitsOf(of, most)));
    expect(least).toBeGreaterThan(96);
    expect(specSays(`no session has less than ${Math.floor(least)} bits`)).toBe(true);
  });

  test("leaves room for the bins of the largest shard in a vector", () => {
    expect(binCount(most.receiverPeople)).toBeLessThan(VECTOR.transfers);
    expect(specSays("so makes 122,880 places, more than a shard has bins")).toBe(
      VECTOR.transfers === 122_880,
    );
  });

  test("is that of the largest shards, of as many as there are lanes for", () => {
    const { senderPeople, receiverPeople, shards } = most;
    expect(shards).toBeLessThanOrEqual(SHARDS_MAX);
    const text = (x: number) => x.toLocaleString("en-US");
    const [items, bins] = [text(receiverPeople), text(binCount(receiverPeople))];
    expect(
      specSays(
        `${items} items of the receiver and so ${bins} bins, or ${text(senderPeople)} items of the sender`,
      ),
    ).toBe(true);
    const least = Math.ceil(PEOPLE_MAX / (SENDER_TIMES * SHARD_PEOPLE_MAX));
    expect(specSays(`${text(least)} to ${text(shards)} shards`)).toBe(true);
  });
});

describe("the probability of failure", () => {
  const rowOf = (event: string) => specTable("failures").find(([name]) => name!.startsWith(event))!;

  test("of two pseudonyms with one information word, and with a common bin besides", () => {
    const alike = (PEOPLE_MAX * most.receiverPeople) / 2 / 2 ** 108;
    const common = (alike * 9) / binCount(most.receiverPeople);
    expect(rowOf("two pseudonyms of the receiver")[2]).toBe(
      `${power(alike)} at PEOPLE_MAX; for a pair with a common bin ${power(common)}`,
    );
  });

  test("of two pseudonyms with one element, and with a common bin besides", () => {
    const alike = (PEOPLE_MAX * most.receiverPeople) / 2 / 2 ** BITS;
    const common = (alike * 9) / binCount(most.receiverPeople);
    const [, , probability] = specTable("failures").find(([name]) => name!.includes("with one element"))!;
    expect(probability).toBe(`${power(alike)} at PEOPLE_MAX; for a pair with a common bin ${power(common)}`);
  });

  test("of two entries with related pad seeds", () => {
    const shards = Math.ceil(PEOPLE_MAX / (SENDER_TIMES * SHARD_PEOPLE_MAX));
    const related = (shards * 16 * (3 * most.senderPeople) ** 2) / 2 / 2 ** 128;
    expect(rowOf("two entries of one shard")[2]).toBe(power(related, 0));
  });

  test("of two people with one pseudonym", () => {
    expect(Math.log2((2 * PEOPLE_MAX) ** 2 / 2) - 512).toBeLessThan(-451);
    expect(rowOf("two people of a session")[2]).toBe("below 2^-451");
  });
});
