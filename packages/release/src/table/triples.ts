// Words of triples that a release takes: functions of public sizes.
import { bitWords } from "@halfroom/crypto";
import { atLeastTripleWords, prefixOrTripleWords } from "@halfroom/mpc";
import { factorCount } from "./factors.ts";
import { layoutOf } from "./layout.ts";
import { hiddenKinds } from "./totals.ts";
import type { TableShape, ReleaseRules } from "./table.ts";

/** Words of triples that `releaseTable` may take; with totals it takes fewer if fewer numbers pass. */
export function tableTripleWords(shape: TableShape, rules: ReleaseRules): number {
  const { tests, bits } = layoutOf(shape, rules);
  const table = atLeastTripleWords(tests) + (factorCount(rules) - 1) * bitWords(bits);
  return rules.totals ? table + totalsTripleWords(shape, rules) : table;
}

/** With every cell passing, a segment has one hidden part more than the table has rows. */
function totalsTripleWords({ partitions, categories, columns }: TableShape, rules: ReleaseRules): number {
  const longest = partitions[0]! + 1;
  const measures = columns.filter(({ kind }) => kind === "sum").length;
  const words = (segments: number, ofSums: boolean) => {
    const parts = segments * longest;
    const tests = hiddenKinds(rules, ofSums).length;
    const wholeTable = ofSums ? 0 : 3 * (rules.pair ? 2 : 1);
    const gates = tests - 1 + 1 + wholeTable;
    const lengths = Array.from({ length: segments }, () => longest);
    return atLeastTripleWords(tests * parts) + gates * bitWords(parts) + prefixOrTripleWords(lengths);
  };
  return words(categories, false) + words(categories * measures, true);
}
