// The rules of design section 2.5 on a table in the clear, written as they read: cell by cell, total by total, hiding one
// cell after the other. Knows nothing of shares, bits or hidden parts computed at once.
import type { Column } from "@halfroom/release";
import type { BareRules } from "./random-tables.ts";

/** One partition in the clear. */
export interface ClearTable {
  /** Rows x categories x columns, noise included. */
  readonly numbers: readonly (readonly (readonly bigint[])[])[];
  readonly columns: readonly Column[];
  /** The receiver's people of each row, 0 in padding; the sender's of each category. */
  readonly rowBases: readonly number[];
  readonly categoryBases: readonly number[];
}

export interface Verdict {
  /** Rows x categories x columns. */
  readonly opened: boolean[][][];
  /** Categories x columns; undefined without totals. */
  readonly totals: (bigint | undefined)[][] | undefined;
  readonly over: {
    rows: boolean[];
    cells: boolean[][];
    categories: boolean[];
    receiver: boolean;
    sender: boolean;
  };
  /** How often a total hid how many cells, for tests to see what they cover. */
  readonly alsoHidden: number[];
}

const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);

export function clearVerdict(table: ClearTable, rules: BareRules): Verdict {
  const { numbers, columns, rowBases, categoryBases } = table;
  const { threshold, pair, mode } = rules;
  const entries = BigInt(rules.entriesMax ?? 1);
  const overRows = threshold * entries;
  const people = (rows: readonly number[], categories: readonly number[]) =>
    sum(rows.flatMap((row) => categories.map((category) => numbers[row]![category]![0]!)));
  const allRows = rowBases.map((_, row) => row);
  const allCategories = categoryBases.map((_, category) => category);
  const size = (bases: readonly number[], of: readonly number[]) =>
    BigInt(of.reduce((s, i) => s + bases[i]!, 0));

  /** Every base as [matched, size]. */
  const rowBase = (row: number) => [people([row], allCategories), size(rowBases, [row])] as const;
  const categoryBase = (category: number) =>
    [people(allRows, [category]), entries * size(categoryBases, [category])] as const;
  const receiverBase = [people(allRows, allCategories), size(rowBases, allRows)] as const;
  const senderBase = [people(allRows, allCategories), entries * size(categoryBases, allCategories)] as const;
  /** With several entries a person: what one row alone says of a category. */
  const pairBase = (row: number, category: number) =>
    [people([row], [category]), size(categoryBases, [category])] as const;

  const isOver = ([matched, of]: readonly [bigint, bigint]) => 100n * matched > 85n * of;
  const baseAllows = (base: readonly [bigint, bigint], least = threshold) =>
    (mode === "noise" || base[1] - base[0] >= least) && !(pair && isOver(base));
  const wholeAllows = (category: number) =>
    [categoryBase(category), senderBase, receiverBase].every((base) => baseAllows(base, overRows));

  const contributors = (rows: readonly number[], category: number, measure: number) => {
    const at = columns.findIndex((column) => column.kind === "contributors" && column.measure === measure);
    return sum(rows.map((row) => numbers[row]![category]![at]!));
  };
  const peoplePass = (row: number, category: number) =>
    rowBases[row]! > 0 &&
    people([row], [category]) >= threshold &&
    baseAllows(rowBase(row)) &&
    (entries === 1n || baseAllows(pairBase(row, category))) &&
    wholeAllows(category);
  const opened = allRows.map((row) =>
    allCategories.map((category) =>
      columns.map((column) => {
        if (column.kind === "contributors" || !peoplePass(row, category)) return false;
        if (column.kind === "people" || mode === "noise") return true;
        return contributors([row], category, column.measure) >= threshold;
      }),
    ),
  );

  const fact = (base: readonly [bigint, bigint], least = overRows, blocked = false) =>
    pair && isOver(base) && base[0] >= least && !blocked;
  const over = {
    rows: allRows.map((row) => fact(rowBase(row), threshold, rowBases[row] === 0)),
    cells: allRows.map((row) =>
      allCategories.map(
        (category) =>
          fact(rowBase(row), threshold, rowBases[row] === 0) ||
          (entries > 1n && fact(pairBase(row, category), threshold, rowBases[row] === 0)),
      ),
    ),
    categories: allCategories.map((category) => fact(categoryBase(category))),
    receiver: fact(receiverBase),
    sender: fact(senderBase),
  };

  const alsoHidden: number[] = [];
  /** Hides cells until the rest passes; says whether it ever does. */
  const hideUntil = (
    category: number,
    column: number,
    hide: (row: number) => void,
    passes: (rows: number[]) => boolean,
  ) => {
    const before = opened.map((row) => row[category]![column]!);
    const hiddenRows = () => allRows.filter((row) => !opened[row]![category]![column]!);
    const undo: (() => void)[] = [];
    for (let count = 0; ; count++) {
      const rows = hiddenRows();
      const nobody = count === 0 && rows.every((row) => rowBases[row] === 0);
      if ((nobody || passes(rows)) && wholeAllows(category)) {
        alsoHidden.push(count);
        return true;
      }
      const next = allRows.find((row) => opened[row]![category]![column]!);
      if (next === undefined) break;
      const cell = opened[next]![category]!.slice();
      undo.push(() => (opened[next]![category] = cell));
      hide(next);
    }
    undo.toReversed().forEach((restore) => restore());
    expectSame(
      before,
      opened.map((row) => row[category]![column]!),
    );
    return false;
  };
  const partPasses = (rows: readonly number[], category: number) => {
    const matched = people(rows, allCategories);
    const of = size(rowBases, rows);
    return (
      people(rows, [category]) >= overRows && of - matched >= overRows && !(pair && isOver([matched, of]))
    );
  };
  let totals: (bigint | undefined)[][] | undefined;
  if (rules.totals) {
    totals = allCategories.map(() => columns.map(() => undefined));
    const total = (category: number, column: number) =>
      sum(allRows.map((row) => numbers[row]![category]![column]!));
    const withPeople = allCategories.filter((category) =>
      hideUntil(
        category,
        0,
        (row) => opened[row]![category]!.fill(false),
        (rows) => partPasses(rows, category),
      ),
    );
    for (const category of withPeople) {
      totals[category]![0] = total(category, 0);
      columns.forEach(({ kind }, index) => {
        if (kind !== "sum") return;
        const measure = (columns[index] as { measure: number }).measure;
        const same = columns.flatMap((column, i) =>
          column.kind !== "people" && column.measure === measure ? [i] : [],
        );
        const passes = hideUntil(
          category,
          index,
          (row) => same.forEach((i) => (opened[row]![category]![i] = false)),
          (rows) => partPasses(rows, category) && contributors(rows, category, measure) >= overRows,
        );
        if (!passes) return;
        for (const i of same)
          if (columns[i]!.kind !== "contributors") totals![category]![i] = total(category, i);
      });
    }
  }
  return { opened, totals, over, alsoHidden };
}

function expectSame(before: readonly boolean[], after: readonly boolean[]): void {
  if (before.join() !== after.join()) throw new Error("the model did not put hidden cells back");
}
