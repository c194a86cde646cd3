// Where the tests and the published bits of a table lie. Public: both sides derive it from shape and rules.
//
// Of each partition, tests: people of each pair of row and category; [exact] unmatched people of each base, contributors of
// each pair and measure; [pair] of each base: within 85 %, over 85 %, enough matched people; then the range of each column
// that opens, one column after the other, for each pair: at least (not of people), at most.
// Published bits: each pair's people; [exact] each pair's measures; [pair] each base's fact.
// Bases: the rows, the categories, all of the receiver, all of the sender; and, where a person may have entries in several
// rows, for each pair the category's people as they match in that one row, in which each has one entry.
import type { TableShape, ReleaseRules } from "./table.ts";

/** The first of each kind in one partition. Kinds that the rules do not have take no room. */
export interface PartitionLayout {
  readonly rows: number;
  readonly firstRow: number;
  readonly categories: number;
  readonly pairs: number;
  readonly bases: number;
  /** Whether each pair is a base too. */
  readonly pairBases: boolean;
  readonly tests: {
    readonly people: number;
    readonly unmatched: number;
    readonly contributors: number;
    readonly within: number;
    readonly over: number;
    readonly matched: number;
    /** For each column the first of its tests of a range, at least and at most; undefined where there is none. */
    readonly least: readonly (number | undefined)[];
    readonly most: readonly (number | undefined)[];
  };
  readonly bits: { readonly people: number; readonly measures: number; readonly facts: number };
}

export interface TableLayout {
  readonly partitions: readonly PartitionLayout[];
  readonly tests: number;
  readonly bits: number;
  readonly measures: number;
}

export function layoutOf(shape: TableShape, { mode, pair, entriesMax = 1 }: ReleaseRules): TableLayout {
  const { categories, columns } = shape;
  const measures = columns.filter(({ kind }) => kind === "sum").length;
  const [exact, rule] = [mode === "exact" ? 1 : 0, pair ? 1 : 0];
  let [tests, bits, firstRow] = [0, 0, 0];
  const testsFrom = (count: number) => (tests += count) - count;
  const bitsFrom = (count: number) => (bits += count) - count;
  const partitions = shape.partitions.map((rows): PartitionLayout => {
    const pairs = rows * categories;
    const pairBases = entriesMax > 1;
    const bases = rows + categories + 2 + (pairBases ? pairs : 0);
    firstRow += rows;
    const first = {
      people: testsFrom(pairs),
      unmatched: testsFrom(exact * bases),
      contributors: testsFrom(exact * pairs * measures),
      within: testsFrom(rule * bases),
      over: testsFrom(rule * bases),
      matched: testsFrom(rule * bases),
    };
    const ranges = columns.map(({ kind }) => ({
      least: kind === "sum" || kind === "squares" ? testsFrom(pairs) : undefined,
      most: kind === "contributors" ? undefined : testsFrom(pairs),
    }));
    return {
      rows,
      firstRow: firstRow - rows,
      categories,
      pairs,
      bases,
      pairBases,
      tests: {
        ...first,
        least: ranges.map(({ least }) => least),
        most: ranges.map(({ most }) => most),
      },
      bits: {
        people: bitsFrom(pairs),
        measures: bitsFrom(exact * pairs * measures),
        facts: bitsFrom(rule * bases),
      },
    };
  });
  return { partitions, tests, bits, measures };
}

/** Number of the base that is all of the receiver, and of that which is all of the sender. */
export function wholeBases({
  rows,
  categories,
}: PartitionLayout): readonly [receiver: number, sender: number] {
  return [rows + categories, rows + categories + 1];
}

/** The bases that a pair of row and category belongs to. */
export function basesOfPair(part: PartitionLayout, row: number, category: number): readonly number[] {
  const { categories, pairBases } = part;
  const own = wholeBases(part)[1] + 1 + row * categories + category;
  return [row, ...basesOfCategory(part, category), ...(pairBases ? [own] : [])];
}

/** The three bases of a category that do not depend on rows. */
export function basesOfCategory(part: PartitionLayout, category: number): readonly number[] {
  return [part.rows + category, ...wholeBases(part)];
}

/** The row of a base that lies in one; undefined for the others. */
export function rowOfBase(part: PartitionLayout, base: number): number | undefined {
  if (base < part.rows) return base;
  const pair = base - wholeBases(part)[1] - 1;
  return pair < 0 ? undefined : Math.floor(pair / part.categories);
}
