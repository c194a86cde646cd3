// Partners whose addends are no numbers of people or of values within the bounds: powers of two, one for each person they want to know
// about (protocol-spec.md, sections 13.3 and 18). The noise of epsilon 1 hides the lowest bits alone, and the tests of ranges do not stop who flips
// its share of the bits that are published. The width of a number bounds what it tells.
import type { Role } from "@halfroom/mpc";
import {
  drawNoise,
  openingsAtMost,
  planNoise,
  releaseTable,
  type Limits,
  type ReleaseOutcome,
  type ReleaseRules,
  type TableShape,
} from "@halfroom/release";
import { seededRng } from "@halfroom/testkit";
import type { ProtocolError } from "@halfroom/wire";
import { expect, test } from "vitest";
import { openTable, runGroup } from "../../packages/aggregate/test/group-parties.ts";
import { AlteredBits } from "../../packages/release/test/table/altered-bits.ts";
import { runTable, type PartyInput } from "../../packages/release/test/table/table-parties.ts";

const PEOPLE = 4096;
const CELLS = 16;
const VALUE_MAX = 50_000n;
const cellOf = Uint32Array.from({ length: PEOPLE }, (_, person) => person % CELLS);
const matches = Array.from({ length: PEOPLE }, () => seededRng("matches")).map(
  (_, person) => (seededRng(`match ${person}`).bytes(1)[0]! & 1) === 1,
);

/** What an agreement over 4,096 people a side and values of 0 to 500.00 says. */
const AGREED: Limits = {
  keys: 1n,
  peopleMax: BigInt(PEOPLE),
  baseMax: BigInt(PEOPLE),
  measures: [{ low: 0n, high: VALUE_MAX }],
  sumsFollowPeople: true,
};
/** Without the bound: numbers of 63 bits, no range that anything leaves, and nobody who looks at what opened. */
const UNBOUNDED: Limits = {
  keys: 2n ** 61n,
  peopleMax: 2n ** 61n,
  baseMax: 2n ** 61n,
  measures: [{ low: -1n, high: 1n }],
  sumsFollowPeople: false,
};

const SHAPE: TableShape = {
  partitions: [CELLS],
  categories: 1,
  columns: [{ kind: "people" }, { kind: "sum", measure: 0 }],
};
const { noise: NOISE } = planNoise({
  mechanism: "laplace",
  microEpsilon: 1_000_000,
  columns: [
    { sensitivity: 1n, weight: 1 },
    { sensitivity: VALUE_MAX, weight: 1 },
  ],
  partitionWeights: [1],
});
const rulesUnder = (limits: Limits): ReleaseRules => ({
  mode: "noise",
  noise: NOISE,
  limits,
  threshold: 100n,
  pair: false,
  totals: false,
  opensTo: "both",
});

/** Flips a share of every bit that the tests make. */
const flipAll = (bits: Uint32Array) => bits.forEach((word, i) => (bits[i] = ~word));

/** Each cell's people and sum as both sides' addends make them, opened where the bits say. */
async function release(numbers: readonly bigint[], limits: Limits, flips?: Role) {
  let read: ReleaseOutcome["table"] | undefined;
  let honestCode: unknown;
  const draw = (role: Role) => drawNoise(SHAPE, NOISE, seededRng(`noise ${role}`));
  const unchecked = () => undefined;
  const run = runTable({
    shape: SHAPE,
    rules: rulesUnder(limits),
    numbers,
    bases: {
      receiver: new Uint32Array(CELLS).fill(PEOPLE / CELLS),
      sender: Uint32Array.of(PEOPLE),
    },
    noise: { sender: draw("sender"), receiver: draw("receiver") },
    seed: "weighted",
    variant: async (input: PartyInput) => {
      if (input.role !== flips)
        return await releaseTable(input, limits === UNBOUNDED ? unchecked : undefined).catch(
          (error: unknown) => {
            honestCode = (error as ProtocolError).code;
            throw error;
          },
        );
      const gates = new AlteredBits(input, flipAll);
      const outcome = await releaseTable({ ...input, gates }, unchecked);
      read = outcome.table;
      return outcome;
    },
  });
  if (flips === undefined) return { ...(await run).receiver.table, honestCode };
  await run.catch(() => {});
  return { ...read!, honestCode };
}

/** The sums of shared addends by cell: people, then values. */
async function numbersOf(people: readonly bigint[], values: readonly bigint[]): Promise<bigint[]> {
  const sums: bigint[][] = [];
  for (const addends of [people, values]) {
    const mask = BigInt64Array.from(addends, (_, i) => BigInt(i) * 0x1234_5678_9abcn);
    const rest = BigInt64Array.from(addends, (each, i) => each - mask[i]!);
    const [sender, receiver] = [new Uint32Array(mask.buffer), new Uint32Array(rest.buffer)];
    const input = { leaves: "trees" as const, cells: CELLS, columns: 1, sender, receiver, cellOf };
    sums.push(openTable(await runGroup(input, { seed: "weighted", shard: 1, partition: 0 })));
  }
  return Array.from({ length: CELLS }, (_, cell) => sums.map((column) => column[cell]!)).flat();
}

const one = (person: number) => (matches[person] ? 1n : 0n);

/**
 * The receiver weighs its person i of each cell by 2^(first + i), all others by `rest`, and takes bit first + i of the cell's opened
 * people, rounded, for an answer.
 */
async function readMembership(
  { first, perCell, rest }: { readonly first: number; readonly perCell: number; readonly rest: bigint },
  limits: Limits,
  flips?: Role,
) {
  const place = (person: number) => Math.floor(person / CELLS);
  const people = matches.map((_, person) =>
    place(person) < perCell ? one(person) << BigInt(first + place(person)) : one(person) * rest,
  );
  const values = matches.map((_, person) => one(person) * 20_000n);
  const { opened, values: read, honestCode } = await release(await numbersOf(people, values), limits, flips);
  const shown = Array.from({ length: CELLS }, (_, cell) => cell).filter((cell) => opened[2 * cell] === 1);
  const right = shown.flatMap((cell) =>
    Array.from({ length: perCell }, (_, i) => {
      const rounded = read![2 * cell]! + (1n << BigInt(first - 1));
      return ((rounded >> BigInt(first + i)) & 1n) === one(cell + i * CELLS);
    }).filter(Boolean),
  );
  return { opened: shown.length, right: right.length, honestCode };
}

const FAR = { first: 21, perCell: 40, rest: 0n };

test("a receiver weighs 40 of its people in each cell by powers of two, numbers of 63 bits: it reads the membership of 640 of 640 from 16 numbers at epsilon 1", async () => {
  expect(await readMembership({ ...FAR, rest: 1n }, UNBOUNDED)).toMatchObject({
    opened: 16,
    right: 640,
    honestCode: undefined,
  });
});

test("a receiver weighs its people by powers of two, numbers as wide as honest runs need: each is out of its range, and none opens", async () => {
  expect(await readMembership(FAR, AGREED)).toMatchObject({ opened: 0, right: 0 });
});

test("a receiver weighs its people by powers of two and flips its share of the published bits: all open, in 14 bits a number, in which 2^21 and more leave nothing, and the sender keeps no number", async () => {
  const { opened, right, honestCode } = await readMembership(FAR, AGREED, "receiver");
  expect(honestCode).toBe("impossible");
  expect(opened).toBe(16);
  // What it guesses without having read anything is right for half of the people.
  expect(right / 640).toBeGreaterThan(0.35);
  expect(right / 640).toBeLessThan(0.65);
});

test("a receiver weighs its people by the powers of two that fit and flips its share of the published bits: of the 14 bits of each number that opens it reads the 7 above the noise", async () => {
  const { opened, right, honestCode } = await readMembership(
    { first: 7, perCell: 7, rest: 0n },
    AGREED,
    "receiver",
  );
  expect(honestCode).toBe("impossible");
  expect(opened).toBeGreaterThanOrEqual(8);
  expect(right).toBe(7 * opened);
  expect(openingsAtMost(SHAPE, rulesUnder(AGREED))).toEqual({ numbers: 32, bits: 16 * (14 + 29) });
});

/** A value of the sender that is a power of two tells, by the cell whose sum has its bit, where the person is. */
async function readCells(first: number, targets: number, limits: Limits, flips?: Role) {
  const people = matches.map((_, person) => one(person));
  const isTarget = (person: number) => person % 117 === 0 && person / 117 < targets;
  const values = matches.map((_, person) =>
    isTarget(person) ? one(person) << BigInt(first + person / 117) : one(person) * 100n,
  );
  const { opened, values: read } = await release(await numbersOf(people, values), limits, flips);
  const cells = Array.from({ length: CELLS }, (_, cell) => cell);
  const shown = cells.filter((cell) => opened[2 * cell + 1] === 1);
  const right = Array.from({ length: targets }, (_, i) => i).filter((i) => {
    const marked = shown.filter((cell) => {
      const rounded = read![2 * cell + 1]! + (1n << BigInt(first - 1));
      return (rounded >> BigInt(first + i)) & 1n;
    });
    const person = i * 117;
    return matches[person] ? marked.length === 1 && marked[0] === cellOf[person] : marked.length === 0;
  });
  return { opened: shown.length, right: right.length };
}

test("a sender has values beyond the clip, powers of two, numbers of 63 bits: it reads membership and cell of 34 of 34 at epsilon 1", async () => {
  expect(await readCells(27, 34, UNBOUNDED)).toEqual({ opened: 16, right: 34 });
});

test("a sender has values beyond the clip and flips its share of the published bits, numbers as wide as honest runs need: bits 27 to 28 of 29 are all that is left of 34", async () => {
  const matched = Array.from({ length: 34 }, (_, i) => matches[i * 117]).filter(Boolean).length;
  const { right } = await readCells(27, 34, AGREED, "sender");
  // Who does not match is guessed right without a bit.
  expect(right).toBeLessThanOrEqual(34 - matched + 2);
});
