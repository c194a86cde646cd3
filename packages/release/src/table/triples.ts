// Words of triples that a release takes: functions of public sizes.
import { bitWords } from "@halfroom/crypto";
import { nonNegativeTripleWords, prefixOrTripleWords } from "@halfroom/mpc";
import { factorCount } from "./factors.ts";
import { layoutOf } from "./layout.ts";
import { runsOf } from "./runs.ts";
import { hiddenKinds } from "./totals.ts";
import type { TableShape, ReleaseRules } from "./table.ts";
import { PartitionTests } from "./widths.ts";

/** Words of triples that `releaseTable` may take; with totals it takes fewer if fewer numbers pass. */
export function tableTripleWords(shape: TableShape, rules: ReleaseRules): number {
  const layout = layoutOf(shape, rules);
  const tests = runsOf(layout, shape, rules).map(({ count, width }) => nonNegativeTripleWords(count, width));
  const table = sum(tests) + factorCount(shape, rules) * bitWords(layout.bits);
  return rules.totals ? table + totalsTripleWords(shape, rules) : table;
}

/** With every cell passing, a segment has one hidden part more than the table has rows. */
function totalsTripleWords(shape: TableShape, rules: ReleaseRules): number {
  const { partitions, categories, columns } = shape;
  const ofPartition = new PartitionTests(shape, rules, 0);
  const longest = partitions[0]! + 1;
  const measures = columns.filter(({ kind }) => kind === "sum").length;
  const words = (segments: number, ofSums: boolean) => {
    const parts = segments * longest;
    const kinds = hiddenKinds(rules, ofSums);
    const tests = kinds.map((kind) => nonNegativeTripleWords(parts, ofPartition.width(kind, "several")));
    const wholeTable = ofSums ? 0 : 3 * (rules.pair ? 2 : 1);
    const gates = kinds.length - 1 + 1 + wholeTable;
    const lengths = Array.from({ length: segments }, () => longest);
    return sum(tests) + gates * bitWords(parts) + prefixOrTripleWords(lengths);
  };
  return words(categories, false) + words(categories * measures, true);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
