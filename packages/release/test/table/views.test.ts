// Of what is hidden in a table nothing is computable from a side's view of the release, totals and the rule of 85 % included.
//
// By construction, as for the plain threshold: two tables, of which the rules publish the same, differ in hidden cells and
// in the hidden side's bases. For coins of the hidden side in the first run there are coins, found by a one-to-one map, with
// which the partner sees in the second run the same bytes both ways.
import { otherRole, type Role } from "@halfroom/mpc";
import { describe, expect, test } from "vitest";
import { completing, hexLog, ROLES, sentBy } from "../release-parties.ts";
import { clearVerdict, type ClearTable, type Verdict } from "./model.ts";
import { dice, randomTable, rulesOf, shapeOf, type BareRules } from "./random-tables.ts";
import { dealtTriples, runTable, type TableSetup } from "./table-parties.ts";

const RULES: BareRules = { mode: "exact", threshold: 20n, pair: true, totals: true, opensTo: "both" };
const KIND = { rows: 7, padding: 1, categories: 2, measures: [{ squares: false }] };

type Run = Awaited<ReturnType<typeof runTable>>;

function setupOf(
  { numbers, rowBases, categoryBases, columns }: ClearTable,
  hidden: Role,
  rules = RULES,
): TableSetup {
  const shape = shapeOf([{ numbers, rowBases, categoryBases, columns }]);
  return {
    shape,
    rules: rulesOf(rules, shape),
    numbers: numbers.flat(2),
    bases: { receiver: Uint32Array.from(rowBases), sender: Uint32Array.from(categoryBases) },
    seed: "views",
    hidden,
  };
}

/** Everything that the rules publish of a table: what passes, how many rows are closed for totals, opened numbers and totals. */
function published(table: ClearTable, { opened, totals, over, alsoHidden }: Verdict): string {
  const passing = clearVerdict(table, { ...RULES, totals: false }).opened;
  const values = opened.flat(2).map((open, i) => (open ? table.numbers.flat(2)[i] : undefined));
  return JSON.stringify([passing, alsoHidden, opened, values, totals, over], (_, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}

interface Pair {
  readonly table: ClearTable;
  readonly other: ClearTable;
}

/** Tables that differ in the people, contributors and sums of two hidden rows and in bases of the hidden side. */
function* pairsOfTables(hidden: Role): Generator<Pair> {
  for (let seed = 0; seed < 2000; seed++) {
    const table = randomTable(KIND, RULES, `views ${seed}`);
    const verdict = clearVerdict(table, RULES);
    const roll = dice(`views change ${seed}`);
    const closed = table.rowBases.flatMap((size, row) =>
      size > 0 && !verdict.opened[row]!.flat().includes(true) ? [row] : [],
    );
    if (closed.length < 2 || verdict.totals![0]![0] === undefined) continue;
    const [from, to] = closed as [number, number];
    const moved = [1 + roll(3), 1000 + roll(90_000), roll(2)].map(BigInt);
    const numbers = table.numbers.map((row, i) =>
      row.map((cell, category) =>
        cell.map((value, c) => {
          if (category !== 0 || (i !== from && i !== to)) return value;
          return i === from ? value - moved[c]! : value + moved[c]!;
        }),
      ),
    );
    const rowBases = table.rowBases.map((size, i) =>
      hidden === "receiver" && i === from ? size + 1 + roll(9) : size,
    );
    const categoryBases = table.categoryBases.map((size) =>
      hidden === "sender" ? size + 1 + roll(9) : size,
    );
    const other = { ...table, numbers, rowBases, categoryBases };
    if (published(other, clearVerdict(other, RULES)) === published(table, verdict)) yield { table, other };
  }
}

function first<T>(values: Generator<T>, count: number): T[] {
  const taken = [];
  for (const value of values) {
    taken.push(value);
    if (taken.length === count) return taken;
  }
  return expect.fail("too few tables");
}

function openings(run: Run, hidden: Role): Uint32Array[] {
  return sentBy(run, hidden, "gateOpening").map(({ data }) => new Uint32Array(new Uint8Array(data).buffer));
}

/** The hidden side's triples with which its gates on another table show the openings of `seen`, gate after gate. */
async function shiftCoins(other: TableSetup, hidden: Role, seen: Run): Promise<TableSetup> {
  const target = openings(seen, hidden);
  let triples = dealtTriples(other);
  let offset = 0;
  for (const [gate, wanted] of target.entries()) {
    const now = openings(await runTable({ ...other, triples }), hidden)[gate]!;
    const half = wanted.length / 2;
    const { a, b } = structuredClone(triples[hidden]);
    for (let i = 0; i < half; i++) {
      a[offset + i]! ^= now[i]! ^ wanted[i]!;
      b[offset + i]! ^= now[half + i]! ^ wanted[half + i]!;
    }
    offset += half;
    triples = { ...triples, [hidden]: { a, b, c: completing(triples[otherRole(hidden)], a, b) } };
  }
  return { ...other, triples };
}

const shapes = (run: Run, role: Role) =>
  run.log[role].map(({ direction, frame }) => `${direction} ${frame.length}`);

describe.each(ROLES)("with the %s's share and bases hidden", (hidden) => {
  test("coins exist with which the partner sees the same bytes", async () => {
    for (const { table, other } of first(pairsOfTables(hidden), 3)) {
      const seen = await runTable(setupOf(table, hidden));
      const before = await runTable(setupOf(other, hidden));
      const shifted = await shiftCoins(setupOf(other, hidden), hidden, seen);
      const after = await runTable(shifted);
      const partner = otherRole(hidden);
      expect(hexLog(after, partner)).toEqual(hexLog(seen, partner));
      expect(after[partner]).toEqual(seen[partner]);
      // The coins really had to change; and lengths had not, whatever the coins.
      expect(hexLog(before, partner)).not.toEqual(hexLog(seen, partner));
      expect(shapes(before, partner)).toEqual(shapes(seen, partner));
    }
  });

  test("the search finds no such coins for a table of which something else is published", async () => {
    const [{ table }] = first(pairsOfTables(hidden), 1) as [Pair];
    const seen = await runTable(setupOf(table, hidden));
    const { opened } = clearVerdict(table, RULES);
    const row = opened.findIndex((cells) => cells[0]![0]);
    const numbers = table.numbers.map((cells, i) =>
      i === row ? [[cells[0]![0]! + 1n, ...cells[0]!.slice(1)], cells[1]!] : cells,
    );
    const shifted = await shiftCoins(setupOf({ ...table, numbers }, hidden), hidden, seen);
    const partner = otherRole(hidden);
    expect(hexLog(await runTable(shifted), partner)).not.toEqual(hexLog(seen, partner));
  });
});

describe("the sequence of messages", () => {
  const rules: readonly (readonly [string, BareRules])[] = [
    ["exact, totals, 85 %", RULES],
    ["exact", { ...RULES, pair: false, totals: false }],
    ["for the sender alone", { ...RULES, opensTo: "sender" }],
    ["for the receiver alone", { ...RULES, opensTo: "receiver" }],
  ];

  test.each(rules)("%s: is the same for all tables with as many numbers that pass", async (_, each) => {
    const bySizes = new Map<string, Set<string>>();
    for (let seed = 0; seed < 80; seed++) {
      const kind = {
        rows: 3 + (seed % 2),
        padding: 1 - (seed % 2),
        categories: 1,
        measures: [{ squares: false }],
      };
      const table = randomTable(kind, each, `lengths ${seed}`);
      const setup = { ...setupOf(table, "receiver", each), seed: `lengths ${seed}` };
      const run = await runTable(setup);
      const { opened, totals } = clearVerdict(table, each);
      // What decides: numbers that pass before totals hide any, and numbers that are opened.
      const before = clearVerdict(table, { ...each, totals: false }).opened;
      const sums = (cells: boolean[][][]) => [0, 1].map((c) => cells.filter(([cell]) => cell![c]).length);
      const sizes = JSON.stringify([
        sums(before),
        sums(opened),
        totals?.[0]?.map((total) => total !== undefined),
      ]);
      const seen = bySizes.get(sizes) ?? new Set();
      bySizes.set(sizes, seen.add(ROLES.map((role) => shapes(run, role).join()).join(";")));
    }
    for (const [sizes, seen] of bySizes) expect(seen.size, sizes).toBe(1);
    expect(bySizes.size).toBeLessThan(60);
    expect(bySizes.size).toBeGreaterThan(2);
  });
});
