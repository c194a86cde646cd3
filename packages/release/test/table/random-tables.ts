// Random tables in which every rule decides something: people, bases and contributors around what is asked of them.
import type { Column, Limits, Noise, ReleaseRules, TableShape } from "@halfroom/release";
import { tableColumns } from "@halfroom/release";
import { seededRng } from "@halfroom/testkit";
import type { ClearTable } from "./model.ts";
import type { TableSetup } from "./table-parties.ts";

export interface Kind {
  readonly rows: number;
  readonly padding: number;
  readonly categories: number;
  /** Entries that a person may have, in rows of their own. */
  readonly entries?: number;
  readonly measures: readonly { readonly squares: boolean }[];
}

/** The rules without what depends on the shape. */
export type BareRules = Omit<ReleaseRules, "limits" | "noise">;

/** Within which all numbers of these tests lie, whatever people are in a row. */
function looseLimits({ columns }: TableShape): Limits {
  return {
    keys: 1n,
    peopleMax: 2n ** 20n,
    baseMax: 2n ** 20n,
    measures: columns
      .filter(({ kind }) => kind === "sum")
      .map(() => ({ low: -(2n ** 20n), high: 2n ** 20n })),
    sumsFollowPeople: false,
  };
}

/** What the draws of a test are never beyond. */
const LOUD: Noise = { mechanism: "laplace", scale: { numerator: 100n, denominator: 1n } };

/** Rules under which no number of a table is out of range. `noise`: in noise mode, a loud one unless told. */
export function rulesOf(rules: BareRules, shape: TableShape, noise?: ReleaseRules["noise"]): ReleaseRules {
  const loud = shape.partitions.map(() => shape.columns.map(() => LOUD));
  return {
    ...rules,
    limits: looseLimits(shape),
    noise: rules.mode === "noise" ? (noise ?? loud) : undefined,
  };
}

/** A generator of whole numbers in 0 .. bound - 1. */
export function dice(seed: string): (bound: number) => number {
  const bytes = seededRng(seed);
  return (bound) => Buffer.from(bytes.bytes(4)).readUInt32LE(0) % bound;
}

export function randomTable(
  { rows, padding, categories, measures, entries = 1 }: Kind,
  rules: Pick<BareRules, "mode" | "threshold">,
  seed: string,
): ClearTable {
  const roll = dice(seed);
  const threshold = Number(rules.threshold);
  const columns = tableColumns(measures, rules.mode);
  // Some tables have cells that all pass, some mostly small ones; in some all rows are close to 85 % or contributors are few.
  const smallOnes = 1 + roll(6);
  const dense = roll(5) === 0;
  const fewContributors = roll(6) === 0;
  const peopleOfCell = () => {
    if (dense) return 7 * threshold + roll(100);
    return roll(smallOnes) === 0 ? threshold + roll(30) : roll(threshold + 2);
  };
  const matched = Array.from({ length: rows }, () => Array.from({ length: categories }, peopleOfCell));
  const order = shuffled(rows + padding, roll);
  const numbers = order.map((row) =>
    Array.from({ length: categories }, (_, category) =>
      cellOf(columns, row < rows ? matched[row]![category]! : 0, fewContributors ? 3 : threshold, roll),
    ),
  );
  const sizeFor = (people: number) => {
    if (dense) return Math.ceil(people / (roll(5) === 0 ? 0.88 : 0.83));
    const choice = roll(8);
    if (choice === 0) return people + roll(threshold + 2);
    if (choice === 1) return Math.ceil(people / 0.85) + roll(3) - 1;
    return 2 * people + 2 * threshold;
  };
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const rowBases = order.map((row) =>
    row < rows ? Math.max(1, total(matched[row]!), sizeFor(total(matched[row]!))) : 0,
  );
  const categoryBases = Array.from({ length: categories }, (_, category) => {
    const people = total(matched.map((row) => row[category]!));
    // Rarely tight: where a category's base is, none of its cells opens.
    const size = !dense && roll(4) === 0 ? sizeFor(people) : 2 * people + threshold;
    // As many people as fit the entries, and as are in any one row; now and then hardly more.
    const inOneRow = Math.max(...matched.map((row) => row[category]!));
    if (entries > 1 && roll(4) === 0) return sizeFor(Math.max(inOneRow, Math.ceil(people / entries)));
    return Math.max(inOneRow, Math.ceil(size / entries));
  });
  return { numbers, columns, rowBases, categoryBases };
}

function cellOf(columns: readonly Column[], people: number, few: number, roll: (bound: number) => number) {
  return columns.map(({ kind }) => {
    if (kind === "people") return BigInt(people);
    if (kind === "contributors")
      return BigInt(Math.min(people, few === 3 || roll(3) === 0 ? roll(few) : people));
    return BigInt(roll(1_000_000)) - (kind === "sum" ? 500_000n : 0n);
  });
}

function shuffled(count: number, roll: (bound: number) => number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = roll(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

export function shapeOf(tables: readonly ClearTable[]): TableShape {
  const { columns, categoryBases } = tables[0]!;
  return {
    partitions: tables.map(({ rowBases }) => rowBases.length),
    categories: categoryBases.length,
    columns,
  };
}

/** A run over these tables, without noise of its own. */
export function setupOf(tables: readonly ClearTable[], rules: BareRules, seed: string): TableSetup {
  const shape = shapeOf(tables);
  return {
    shape,
    rules: rulesOf(rules, shape),
    numbers: tables.flatMap(({ numbers }) => numbers.flat(2)),
    bases: {
      receiver: Uint32Array.from(tables.flatMap(({ rowBases }) => rowBases)),
      sender: Uint32Array.from(tables[0]!.categoryBases),
    },
    seed,
  };
}
