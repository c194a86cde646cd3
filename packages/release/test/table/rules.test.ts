// The release of tables against the rules on the clear table, for both roles.
import { drawNoise, planNoise, type ReleaseOutcome } from "@halfroom/release";
import { seededRng } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { ROLES } from "../release-parties.ts";
import { clearVerdict, type ClearTable, type Verdict } from "./model.ts";
import { randomTable, rulesOf, setupOf, type BareRules, type Kind } from "./random-tables.ts";
import { runTable } from "./table-parties.ts";

const THRESHOLD = 20n;
const EXACT: BareRules = {
  mode: "exact",
  threshold: THRESHOLD,
  pair: false,
  totals: false,
  opensTo: "both",
};
const KIND: Kind = { rows: 11, padding: 5, categories: 2, measures: [{ squares: false }, { squares: true }] };

const bytes = (bits: readonly boolean[]) => bits.map(Number);

/** The outcome that the verdicts on all partitions ask for. */
function expected(tables: readonly ClearTable[], verdicts: readonly Verdict[], rules: BareRules) {
  const opened = verdicts.flatMap((verdict) => verdict.opened.flat(2));
  const numbers = tables.flatMap((table) => table.numbers.flat(2));
  const totals = verdicts[0]!.totals?.flat();
  const rows = verdicts.flatMap(({ opened: rowsOpened, over }) =>
    rowsOpened.map((row, i) => row.flat().includes(true) || over.cells[i]!.includes(true)),
  );
  const pairs = verdicts.flatMap(({ over, opened: rowsOpened }) =>
    rowsOpened.flatMap((row, i) =>
      row.map(
        (_, category) =>
          over.cells[i]![category]! || over.categories[category]! || over.receiver || over.sender,
      ),
    ),
  );
  return {
    table: {
      opened: Uint8Array.from(bytes(opened)),
      values: BigInt64Array.from(numbers.map((value, i) => (opened[i] ? value : 0n))),
    },
    rows: rows.flatMap((shown, row) => (shown ? [row] : [])),
    pair: rules.pair
      ? {
          rows: Uint8Array.from(verdicts.flatMap(({ over }) => bytes(over.rows))),
          cells: Uint8Array.from(verdicts.flatMap(({ over }) => bytes(over.cells.flat()))),
          categories: Uint8Array.from(verdicts.flatMap(({ over }) => bytes(over.categories))),
          totals: Uint8Array.from(verdicts.flatMap(({ over }) => bytes([over.receiver, over.sender]))),
          pairs: Uint8Array.from(bytes(pairs)),
        }
      : undefined,
    totals: totals && {
      opened: Uint8Array.from(totals, (value) => Number(value !== undefined)),
      values: BigInt64Array.from(totals, (value) => value ?? 0n),
    },
  };
}

async function expectByTheRules(table: ClearTable, rules: BareRules, seed: string): Promise<Verdict> {
  const verdict = clearVerdict(table, rules);
  const run = await runTable(setupOf([table], rules, seed));
  for (const role of ROLES) expect(run[role]).toEqual(expected([table], [verdict], rules));
  return verdict;
}

const seeds = (count: number, name: string) => Array.from({ length: count }, (_, i) => `${name} ${i}`);

describe("exact tables", () => {
  test.each([
    ["as they are", {}],
    ["with totals", { totals: true }],
    ["under the rule of 85 %", { pair: true }],
    ["with totals under the rule of 85 %", { totals: true, pair: true }],
    ["of two entries a person, with totals under that rule", { totals: true, pair: true, entriesMax: 2 }],
  ] as const)("%s: 60 random ones", async (name, change) => {
    const rules: BareRules = { ...EXACT, ...change };
    const verdicts: Verdict[] = [];
    for (const seed of seeds(60, name))
      verdicts.push(
        await expectByTheRules(
          randomTable({ ...KIND, entries: rules.entriesMax ?? 1 }, rules, seed),
          rules,
          seed,
        ),
      );
    // The tables have what the rules are for: people without sums, totals with and without hidden cells, and so on.
    const cells = verdicts.flatMap(({ opened }) => opened.flat());
    expect(cells.filter(([people, first, , second]) => people && (!first || !second)).length).toBeGreaterThan(
      20,
    );
    expect(cells.filter((cell) => cell.includes(true)).length).toBeGreaterThan(100);
    if (rules.totals) {
      const hidden = verdicts.flatMap(({ alsoHidden }) => alsoHidden);
      for (const count of rules.pair ? [0, 1, 2] : [0, 1]) expect(hidden).toContain(count);
      if (!rules.pair) expect(Math.max(...hidden)).toBe(1);
      const totals = verdicts.flatMap((verdict) => verdict.totals!);
      expect(totals.some(([people]) => people === undefined)).toBe(true);
      expect(totals.some(([people, sum]) => people !== undefined && sum === undefined)).toBe(true);
    }
    if (rules.pair) {
      expect(verdicts.some(({ over }) => over.rows.includes(true))).toBe(true);
      expect(verdicts.some(({ over }) => over.categories.includes(true))).toBe(true);
    }
  });

  test.each([
    [{ rows: 1, padding: 0, categories: 1, measures: [] }],
    [{ rows: 1, padding: 1, categories: 3, measures: [{ squares: true }] }],
    [{ rows: 40, padding: 24, categories: 1, measures: [{ squares: false }] }],
    [{ rows: 9, padding: 7, categories: 7, measures: [] }],
  ] as const)("of other sizes: %j", async (kind) => {
    for (const change of [{ totals: true }, { totals: true, pair: true }])
      for (const seed of seeds(10, JSON.stringify(kind)))
        await expectByTheRules(randomTable(kind, EXACT, seed), { ...EXACT, ...change }, seed);
  });
});

/** One row and one category in which everything passes at the threshold itself, but for one change. */
function barely(
  change: Partial<{ people: bigint; contributors: bigint; row: number; category: number }> = {},
): ClearTable {
  const { people = 20n, contributors = 20n, row = 40, category = 40 } = change;
  return {
    numbers: [[[people, 123n, contributors]], [[0n, 0n, 0n]]],
    columns: [{ kind: "people" }, { kind: "sum", measure: 0 }, { kind: "contributors", measure: 0 }],
    rowBases: [row, 0],
    categoryBases: [category],
  };
}

describe("a number opens at each of its thresholds and not one below", () => {
  test.each([
    ["at all", {}, [1, 1, 0]],
    ["contributors", { contributors: 19n }, [1, 0, 0]],
    ["people", { people: 19n, row: 60, category: 60 }, [0, 0, 0]],
    ["unmatched people of the receiver", { row: 39 }, [0, 0, 0]],
    ["unmatched people of the sender", { category: 39 }, [0, 0, 0]],
  ] as const)("%s", async (name, change, opened) => {
    const run = await runTable(setupOf([barely(change)], EXACT, name));
    for (const role of ROLES) expect([...run[role].table.opened]).toEqual([...opened, 0, 0, 0]);
  });

  test.each([
    ["unmatched people", false, 180n, [1, 1], [0, 0]],
    ["too few unmatched people", false, 181n, [0, 1], [0, 0]],
    ["85 %", true, 170n, [1, 1], [0, 0]],
    ["over 85 %", true, 171n, [0, 1], [1, 0]],
  ] as const)(
    "where a person has two entries, %s of a category in one row",
    async (name, pair, people, opened, over) => {
      // Of the category's 200 people's 400 entries, no more than half match.
      const table: ClearTable = {
        numbers: [[[people]], [[20n]]],
        columns: [{ kind: "people" }],
        rowBases: [1000, 1000],
        categoryBases: [200],
      };
      const run = await runTable(setupOf([table], { ...EXACT, pair, entriesMax: 2 }, name));
      expect([...run.sender.table.opened]).toEqual(opened);
      expect([...(run.sender.pair?.cells ?? [0, 0])]).toEqual(over);
      expect(run.receiver.rows).toEqual([0, 1].filter((row) => opened[row] === 1 || over[row] === 1));
    },
  );

  test("where a person has two entries, twice as many of all the receiver's entries are unmatched", async () => {
    const rules = { ...EXACT, entriesMax: 2 };
    for (const [row, people] of [
      [60, 1],
      [59, 0],
    ] as const) {
      const run = await runTable(setupOf([barely({ row })], rules, `entries ${row}`));
      expect(run.sender.table.opened[0]).toBe(people);
    }
  });

  test.each([
    ["just at", 200, 170n, 0],
    ["just above", 200, 171n, 1],
  ] as const)("%s 85 %% of a base", async (name, size, people, over) => {
    const noise = { sender: new BigInt64Array(2), receiver: new BigInt64Array(2) };
    const table: ClearTable = {
      numbers: [[[people, 5n]]],
      columns: [{ kind: "people" }, { kind: "sum", measure: 0 }],
      rowBases: [size],
      categoryBases: [1000],
    };
    const rules: BareRules = { ...EXACT, mode: "noise", pair: true };
    const run = await runTable({ ...setupOf([table], rules, name), noise });
    expect(run.sender).toEqual(run.receiver);
    expect([...run.sender.table.opened]).toEqual([1 - over, 1 - over]);
    expect([...run.sender.pair!.pairs]).toEqual([over]);
    expect([...run.sender.pair!.totals]).toEqual([over, 0]);
  });
});

describe("tables with noise", () => {
  const KINDS: readonly Kind[] = [
    { rows: 13, padding: 3, categories: 2, measures: [{ squares: true }] },
    { rows: 1, padding: 0, categories: 2, measures: [{ squares: true }] },
    { rows: 5, padding: 3, categories: 2, measures: [{ squares: true }] },
  ];

  test.each([
    ["of one side's Laplace draws", false, "laplace"],
    ["of Gaussian draws under the rule of 85 %", true, "gaussian"],
  ] as const)("%s: three partitions, 30 random ones", async (name, pair, mechanism) => {
    const rules: BareRules = { ...EXACT, mode: "noise", pair };
    let shownPeople = 0;
    for (const seed of seeds(30, name)) {
      // A person of the sender has one category in all partitions.
      const tables = KINDS.map((kind, i) => randomTable(kind, rules, `${seed} ${i}`)).map(
        (table, _, all) => ({
          ...table,
          categoryBases: table.categoryBases.map((_size, category) =>
            Math.max(...all.map(({ categoryBases }) => categoryBases[category]!)),
          ),
        }),
      );
      const setup = setupOf(tables, rules, seed);
      const columns = [1n, 1000n, 1_000_000n].map((sensitivity) => ({ sensitivity, weight: 1 }));
      const delta = mechanism === "gaussian" ? { delta: -6 } : {};
      const plan = planNoise({
        mechanism,
        microEpsilon: 9_000_000,
        ...delta,
        columns,
        partitionWeights: [1, 1, 1],
      });
      const noise = {
        sender: drawNoise(setup.shape, plan.noise, seededRng(`${seed} sender`)),
        receiver: drawNoise(setup.shape, plan.noise, seededRng(`${seed} receiver`)),
      };
      let next = 0;
      const noisy = tables.map((table) => ({
        ...table,
        numbers: table.numbers.map((row) =>
          row.map((cell) => cell.map((value) => value + noise.sender[next]! + noise.receiver[next++]!)),
        ),
      }));
      const verdicts = noisy.map((table) => clearVerdict(table, rules));
      const run = await runTable({ ...setup, rules: rulesOf(rules, setup.shape, plan.noise), noise });
      for (const role of ROLES) expect(run[role]).toEqual(expected(noisy, verdicts, rules));
      expect(run.left).toBe(0);
      shownPeople += run.sender.rows.length;
    }
    expect(shownPeople).toBeGreaterThan(60);
  });

  test("a padding row never passes, whatever the noise", async () => {
    const table: ClearTable = {
      numbers: [[[0n]], [[0n]]],
      columns: [{ kind: "people" }],
      rowBases: [0, 50],
      categoryBases: [100],
    };
    const noise = { sender: BigInt64Array.of(500n, 500n), receiver: BigInt64Array.of(500n, 500n) };
    const run = await runTable({
      ...setupOf([table], { ...EXACT, mode: "noise", pair: true }, "padding"),
      noise,
    });
    expect(run.sender.rows).toEqual([1]);
    const open = await runTable({ ...setupOf([table], { ...EXACT, mode: "noise" }, "padding"), noise });
    expect([...open.receiver.table.opened]).toEqual([0, 1]);
    expect([...open.receiver.table.values!]).toEqual([0n, 1000n]);
  });
});

describe("a result for one side alone", () => {
  test.each(ROLES)("the %s's", async (opensTo) => {
    const rules: BareRules = { ...EXACT, totals: true };
    const table = randomTable(KIND, rules, "one side 1");
    const both = await runTable(setupOf([table], rules, "one side"));
    const one = await runTable(setupOf([table], { ...rules, opensTo }, "one side"));
    expect(both.sender.rows.length).toBeGreaterThan(0);
    const other = opensTo === "sender" ? "receiver" : "sender";
    const withoutValues = (outcome: ReleaseOutcome) => ({
      ...outcome,
      table: { ...outcome.table, values: undefined },
      totals: { ...outcome.totals!, values: undefined },
    });
    expect(one[opensTo]).toEqual(both[opensTo]);
    expect(one[other]).toEqual(withoutValues(both[other]));
  });
});
