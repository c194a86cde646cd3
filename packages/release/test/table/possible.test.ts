// A partner that adds to what it holds of the numbers and makes all of them open by its share of the published bits (protocol-spec.md,
// section 13.5 C): whatever it adds, no number is used that two honest sides cannot have. Honest numbers at their extremes are.
import { otherRole, type Role } from "@halfroom/mpc";
import { releaseTable, tableColumns, type ReleaseOutcome, type ReleaseRules } from "@halfroom/release";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { layoutOf } from "../../src/table/layout.ts";
import { reachesOf } from "../../src/table/limits.ts";
import { impossibility, type Seen } from "../../src/table/possible.ts";
import { ROLES } from "../release-parties.ts";
import { AlteredBits } from "./altered-bits.ts";
import { runTable, type PartyInput, type TableSetup } from "./table-parties.ts";

const THRESHOLD = 20n;
const LIMITS: ReleaseRules["limits"] = {
  keys: 1n,
  peopleMax: 1000n,
  baseMax: 2000n,
  measures: [{ low: -5n, high: 100n }],
  sumsFollowPeople: true,
};
const RULES: ReleaseRules = {
  mode: "exact",
  noise: undefined,
  limits: LIMITS,
  threshold: THRESHOLD,
  pair: false,
  totals: false,
  opensTo: "both",
};
const NOISE = { mechanism: "laplace", scale: { numerator: 1n, denominator: 2n } } as const;

/** Rows of people, sum, and in exact mode contributors; the last but one is padding, and of the last nobody matches. */
const ROWS = [
  { people: 100n, sum: 4000n, base: 300 },
  { people: 60n, sum: -30n, base: 200 },
  { people: 25n, sum: 2500n, base: 130 },
  { people: 0n, sum: 0n, base: 0 },
  { people: 0n, sum: 0n, base: 50 },
];

function setupOf(changes: Partial<ReleaseRules>): TableSetup {
  const mode = changes.mode ?? "exact";
  const columns = tableColumns([{ squares: false }], mode);
  const shape = { partitions: [ROWS.length], categories: 1, columns };
  const none = new BigInt64Array(ROWS.length * columns.length);
  return {
    shape,
    rules: { ...RULES, ...changes, noise: mode === "exact" ? undefined : [columns.map(() => NOISE)] },
    numbers: ROWS.flatMap(({ people, sum }) => (mode === "exact" ? [people, sum, people] : [people, sum])),
    bases: {
      receiver: Uint32Array.from(ROWS, ({ base }) => base),
      sender: Uint32Array.of(500),
    },
    ...(mode === "exact" ? {} : { noise: { sender: none, receiver: none } }),
    seed: "possible",
  };
}

type Column = "people" | "sum";
interface Lie {
  readonly row: number;
  readonly column: Column;
  readonly by: bigint;
}

/** What the honest side ends with if the cheat adds to its numbers and opens the rows that it wants to, whatever the tests say. */
async function honestEnd(
  changes: Partial<ReleaseRules>,
  cheat: Role,
  lies: readonly Lie[],
  opens: (row: number) => boolean = (row) => ROWS[row]!.people > 0n,
): Promise<ReleaseOutcome | { readonly code: string }> {
  const setup = setupOf(changes);
  const columns = setup.shape.columns.length;
  const wanted = wantedBits(setup, opens);
  let honestBits = new Uint32Array(0);
  const run = async (alter: (bits: Uint32Array) => void) => {
    let end: unknown;
    const variant = async (input: PartyInput): Promise<ReleaseOutcome> => {
      const isCheat = input.role === cheat;
      const note = (bits: Uint32Array) => {
        honestBits = bits.slice();
      };
      const gates = new AlteredBits(input, isCheat ? alter : note);
      const shares = input.own.shares.slice();
      const own = new BigInt64Array(shares.buffer);
      if (isCheat)
        for (const { row, column, by } of lies) own[row * columns + (column === "sum" ? 1 : 0)]! += by;
      try {
        const outcome = await releaseTable({ ...input, own: { ...input.own, shares }, gates });
        if (!isCheat) end = outcome;
        return outcome;
      } catch (error) {
        if (!isCheat) end = error;
        throw error;
      }
    };
    await runTable({ ...setup, variant }).catch(() => {});
    return end as ReleaseOutcome | { readonly code: string };
  };
  // Once to see the other share of each bit, which the cheat is taken to have guessed.
  await run(() => {});
  return await run((bits) => bits.forEach((_, i) => (bits[i] = honestBits[i]! ^ wanted[i]!)));
}

function wantedBits({ shape, rules }: TableSetup, opens: (row: number) => boolean): Uint32Array {
  const layout = layoutOf(shape, rules);
  const wanted = new Uint32Array(Math.ceil(layout.bits / 32));
  const set = (bit: number) => (wanted[bit >>> 5]! |= 1 << (bit & 31));
  const [part] = layout.partitions;
  ROWS.forEach((_, row) => {
    if (!opens(row)) return;
    set(part!.bits.people + row);
    if (rules.mode === "exact") set(part!.bits.measures + row);
  });
  return wanted;
}

const KINDS: readonly (readonly [string, Partial<ReleaseRules>])[] = [
  ["exact", {}],
  ["exact, with totals", { totals: true }],
  ["with noise", { mode: "noise" }],
  ["with noise under the rule of 85 %", { mode: "noise", pair: true }],
  ["with noise, of credited events", { mode: "noise", limits: { ...LIMITS, sumsFollowPeople: false } }],
];

const LIES: readonly (readonly [string, readonly Lie[], string])[] = [
  [
    "more people than the smaller set has",
    [{ row: 0, column: "people", by: 2n ** 40n + 1013n }],
    "impossible",
  ],
  ["people fewer than nobody", [{ row: 0, column: "people", by: -900n }], "impossible"],
  ["fewer people than the threshold", [{ row: 1, column: "people", by: -50n }], "impossible"],
  ["a sum above what all people of both sides have", [{ row: 2, column: "sum", by: 200_000n }], "impossible"],
  [
    "a sum below what all people of both sides have",
    [{ row: 0, column: "sum", by: -100_000n }],
    "impossible",
  ],
];

describe.each(KINDS)("%s", (_, rules) => {
  describe.each(ROLES)("a %s that opens", (cheat) => {
    test("what it has is believed", async () => {
      const end = await honestEnd(rules, cheat, []);
      expect(end).toMatchObject({ impossible: undefined });
      // With totals the first rows close with the padding, so that its total says nothing.
      const { opened, values } = (end as ReleaseOutcome).table;
      expect(values![(opened.length / ROWS.length) * 2]).toBe(25n);
    });

    test.each(LIES)("%s is not", async (__, lies, code) => {
      expect(await honestEnd(rules, cheat, lies)).toMatchObject({ code });
    });
  });

  // With totals the cell closes with the others that are not shown, of whom the receiver has enough.
  test.skipIf(rules.totals)(
    "a sender that opens more people than the receiver has in a cell, though fewer than either set, is not believed",
    async () => {
      const by = rules.mode === "noise" ? 250n : 201n;
      expect(await honestEnd(rules, "sender", [{ row: 0, column: "people", by }])).toMatchObject({
        code: "impossible",
      });
    },
  );

  test("a receiver that opens more people in all cells together than the sender has is not believed", async () => {
    const lies = [0, 1, 2].map((row) => ({ row, column: "people", by: 200n }) as const);
    expect(await honestEnd(rules, "receiver", lies)).toMatchObject({ code: "impossible" });
  });

  test("a sender that opens a padding cell is not believed", async () => {
    const lies = [{ row: 3, column: "people", by: 30n }] as const;
    expect(await honestEnd(rules, "sender", lies, (row) => row < 4)).toMatchObject({ code: "impossible" });
  });
});

describe.each([
  ["a blind sender", { mode: "noise", opensTo: "receiver", blindSender: true }],
  ["a sender that gets no result", { mode: "exact", opensTo: "receiver" }],
] as const)("%s", (_, rules) => {
  test("that opens what it has is believed", async () => {
    const end = await honestEnd(rules, "sender", []);
    expect(end).toMatchObject({ impossible: undefined, rows: [0, 1, 2] });
  });

  test.each(LIES)("that opens %s is not, and the receiver goes on without a number", async (__, lies) => {
    const end = await honestEnd(rules, "sender", lies);
    expect(end).toMatchObject({ impossible: expect.any(String) });
    expect((end as ReleaseOutcome).table.values).toBeUndefined();
  });
});

/** Numbers at an end more often than not. */
const place = fc.constantFrom(0n, 0n, 1n, 2n, 3n, 4n, 4n);
const between = (low: bigint, high: bigint, quarters: bigint) => low + ((high - low) * quarters) / 4n;

/** A table with noise as one side sees it, of honest numbers of which those open that pass the tests. */
const honest = fc
  .record({
    keys: fc.integer({ min: 1, max: 3 }),
    entries: fc.integer({ min: 1, max: 3 }),
    isEvents: fc.boolean(),
    categories: fc.integer({ min: 1, max: 3 }),
    sizes: fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 5 }),
    bounds: fc.constantFrom([-7n, 50n], [0n, 1n], [-3n, -1n], [5n, 9n]),
    squares: fc.boolean(),
    scale: fc.constantFrom(1n, 30n),
    role: fc.constantFrom<Role>("sender", "receiver"),
    places: fc.array(place, { minLength: 80, maxLength: 80 }),
  })
  .map((drawn): Seen => {
    const { keys, entries, categories, sizes, isEvents, role } = drawn;
    let at = 0;
    const next = () => drawn.places[at++ % drawn.places.length]!;
    const [low, high] = drawn.bounds.map((each, i) =>
      i === 0 ? (each < 0n ? each : 0n) : each > 0n ? each : 0n,
    );
    const most = -drawn.bounds[0]! > drawn.bounds[1]! ? -drawn.bounds[0]! : drawn.bounds[1]!;
    const columns = tableColumns([{ squares: drawn.squares && !isEvents }], "noise");
    const shape = { partitions: [sizes.length], categories, columns };
    const perRow = isEvents ? 1 : entries;
    const people = sizes.map((size) => {
      let left = BigInt(keys * size);
      return Array.from({ length: categories }, () => {
        const some = between(0n, left, next());
        left -= some;
        return some;
      });
    });
    const ofCategory = Array.from({ length: categories }, (_, c) =>
      people.reduce((sum, row) => sum + row[c]!, 0n),
    );
    const inOneRow = Array.from({ length: categories }, (_, c) =>
      people.reduce((largest, row) => (row[c]! > largest ? row[c]! : largest), 0n),
    );
    const ceil = (a: bigint, b: bigint) => (a + b - 1n) / b;
    const senders = ofCategory.map((sum, c) => {
      const all = ceil(sum, BigInt(keys * perRow));
      const one = ceil(inOneRow[c]!, BigInt(keys));
      return Number(all > one ? all : one);
    });
    const smaller = senders.reduce((sum, size) => sum + size, 0);
    const limits = {
      keys: BigInt(keys),
      peopleMax: BigInt(keys * Math.max(1, smaller)),
      baseMax: 1n << 20n,
      measures: [{ low: low!, high: high! }],
      sumsFollowPeople: !isEvents,
    };
    const rules: ReleaseRules = {
      ...RULES,
      mode: "noise",
      limits,
      threshold: BigInt(11 * keys),
      entriesMax: perRow,
      noise: [
        columns.map(() => ({ mechanism: "laplace", scale: { numerator: drawn.scale, denominator: 1n } })),
      ],
    };
    const [reaches] = reachesOf(shape, rules);
    const values: bigint[] = [];
    const opened: number[] = [];
    for (const row of people)
      for (const true_ of row) {
        const noise = reaches!.map((reach) => between(-reach, reach, next()));
        const numbers = columns.map(({ kind }, i) => {
          if (kind === "people") return true_ + noise[i]!;
          const [l, h] = kind === "squares" ? [0n, most * most] : [low!, high!];
          return between(l * true_, h * true_, next()) + noise[i]!;
        });
        const u = numbers[0]!;
        const passes = u >= rules.threshold;
        values.push(...numbers.map((number) => (passes ? number : 0n)));
        opened.push(...numbers.map(() => Number(passes)));
      }
    return {
      layout: layoutOf(shape, rules),
      shape,
      rules,
      // A row of nobody never opens: the receiver's private bit keeps it closed.
      own: { role, bases: Uint32Array.from(role === "sender" ? senders : sizes) },
      table: {
        opened: Uint8Array.from(opened, (is, i) =>
          sizes[Math.floor(i / (categories * columns.length))] === 0 ? 0 : is,
        ),
        values: BigInt64Array.from(values),
      },
      totals: undefined,
      pair: undefined,
    };
  });

test("honest numbers with noise within its reach are always possible", () => {
  fc.assert(
    fc.property(honest, (seen) => {
      expect(impossibility(seen)).toBeUndefined();
    }),
    { numRuns: 2000 },
  );
  expect(otherRole("sender")).toBe("receiver");
});
