// Which tests a published bit is the AND of. Public.
import { basesOfPair, type PartitionLayout, type TableLayout } from "./layout.ts";
import type { TableShape, ReleaseRules } from "./table.ts";

/** A factor that always holds: bits with fewer tests than others are filled up with it. */
export const ALWAYS = 0xffff_ffff;

/** Vectors of test numbers: bit i is the AND of tests factors[0][i], factors[1][i], ... */
export type Factors = readonly Uint32Array[];

export function tableFactors(layout: TableLayout, shape: TableShape, rules: ReleaseRules): Factors {
  const factors = Array.from({ length: factorCount(shape, rules) }, () =>
    new Uint32Array(layout.bits).fill(ALWAYS),
  );
  const set = (bit: number, tests: readonly number[]) =>
    tests.forEach((test, i) => {
      factors[i]![bit] = test;
    });
  const { categories } = shape;
  for (const part of layout.partitions) {
    const { tests, bits } = part;
    for (let pair = 0; pair < part.pairs; pair++) {
      const bases = basesOfPair(part, Math.floor(pair / categories), pair % categories);
      const ranges = shape.columns.map((_, column) => rangeOf(part, column, pair));
      const shared = [tests.people + pair, ...ranges[0]!];
      if (rules.mode === "exact") shared.push(...bases.map((base) => tests.unmatched + base));
      if (rules.pair) shared.push(...bases.map((base) => tests.within + base));
      if (rules.mode === "noise") {
        set(bits.people + pair, [...shared, ...ranges.slice(1).flat()]);
        continue;
      }
      set(bits.people + pair, shared);
      for (let measure = 0; measure < layout.measures; measure++) {
        const at = pair * layout.measures + measure;
        const own = shape.columns.flatMap((column, i) =>
          column.kind !== "people" && column.measure === measure ? ranges[i]! : [],
        );
        set(bits.measures + at, [...shared, tests.contributors + at, ...own]);
      }
    }
    if (!rules.pair) continue;
    for (let base = 0; base < part.bases; base++)
      set(bits.facts + base, [tests.over + base, tests.matched + base]);
  }
  return factors;
}

/** The tests of a number's range. */
function rangeOf({ tests }: PartitionLayout, column: number, pair: number): number[] {
  return [tests.least[column], tests.most[column]].flatMap((first) =>
    first === undefined ? [] : [first + pair],
  );
}

/** The most tests that a bit has. */
export function factorCount({ columns }: TableShape, { mode, pair, entriesMax = 1 }: ReleaseRules): number {
  const bases = entriesMax > 1 ? 5 : 4;
  const shared = 2 + (mode === "exact" ? bases : 0) + (pair ? bases : 0);
  const ranges = columns.filter(({ kind }) => kind === "sum" || kind === "squares");
  if (mode === "noise") return shared + 2 * ranges.length;
  if (ranges.length === 0) return shared;
  const hasSquares = ranges.some(({ kind }) => kind === "squares");
  return shared + 1 + (hasSquares ? 4 : 2);
}
