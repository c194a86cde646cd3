// Which tests a published bit is the AND of. Public.
import { basesOfPair, type TableLayout } from "./layout.ts";
import type { TableShape, ReleaseRules } from "./table.ts";

/** A factor that always holds: bits with fewer tests than others are filled up with it. */
export const ALWAYS = 0xffff_ffff;

/** Vectors of test numbers: bit i is the AND of tests factors[0][i], factors[1][i], ... */
export type Factors = readonly Uint32Array[];

export function tableFactors(layout: TableLayout, shape: TableShape, rules: ReleaseRules): Factors {
  const factors = Array.from({ length: factorCount(rules) }, () => new Uint32Array(layout.bits).fill(ALWAYS));
  const set = (bit: number, tests: readonly number[]) =>
    tests.forEach((test, i) => {
      factors[i]![bit] = test;
    });
  const { categories } = shape;
  for (const part of layout.partitions) {
    const { tests, bits } = part;
    for (let pair = 0; pair < part.pairs; pair++) {
      const bases = basesOfPair(part, Math.floor(pair / categories), pair % categories);
      const shared = [tests.people + pair];
      if (rules.mode === "exact") shared.push(...bases.map((base) => tests.unmatched + base));
      if (rules.pair) shared.push(...bases.map((base) => tests.within + base));
      set(bits.people + pair, shared);
      if (rules.mode === "noise") continue;
      for (let measure = 0; measure < layout.measures; measure++) {
        const at = pair * layout.measures + measure;
        set(bits.measures + at, [...shared, tests.contributors + at]);
      }
    }
    if (!rules.pair) continue;
    for (let base = 0; base < part.bases; base++)
      set(bits.facts + base, [tests.over + base, tests.matched + base]);
  }
  return factors;
}

/** The most tests that a bit has. */
export function factorCount({ mode, pair, entriesMax = 1 }: ReleaseRules): number {
  const bases = entriesMax > 1 ? 5 : 4;
  return 1 + (mode === "exact" ? bases + 1 : 0) + (pair ? bases : 0);
}
