// The released report of one side: what was opened, and beside it what this side knows of its own people.
import type { ReceiverPeople, SenderPeople } from "@halfroom/prepare";
import type {
  BaseCell,
  Released,
  ReleasedCell,
  ReleasedPartition,
  ReleasedReport,
  ReleasedTable,
} from "@halfroom/report";
import { spreadOfNoise } from "@halfroom/release";
import type { Agreement } from "./agreement.ts";
import type { ReportTerms, Role } from "./half.types.ts";
import { layoutOf, type BlockColumn } from "./layout.ts";
import type { NamedBlock, NamedTable } from "./naming.ts";
import { noisePlanOf } from "./noise-plan.ts";

/** The sender's copy; it knows its categories' bases and not how many cells there are. */
export function senderReport(
  terms: ReportTerms,
  data: SenderPeople,
  agreement: Agreement,
  table: NamedTable | undefined,
): ReleasedReport | undefined {
  if (table === undefined) return undefined;
  const base = data.categoryLabels.map((labels) => ({ labels, people: 0 }));
  for (const category of data.categories) base[category]!.people++;
  const each = data.categories.length / Math.max(1, data.people);
  const ofPeople = base.map(({ labels, people }) => ({ labels, people: people / Math.max(1, each) }));
  const partitions = partitionsOf(terms, agreement, table).map((partition) => ({
    ...partition,
    base: ofPeople,
  }));
  const people = { ownPeople: agreement.senderPeople, partnerPeople: agreement.receiverPeople };
  return { ...common(terms, "sender"), partitions, ...people };
}

/** The receiver's copy; it knows how many cells there are and how many stay hidden. */
export function receiverReport(
  terms: ReportTerms,
  data: ReceiverPeople,
  agreement: Agreement,
  table: NamedTable | undefined,
): ReleasedReport | undefined {
  if (table === undefined) return undefined;
  const partitions = partitionsOf(terms, agreement, table).map((partition, i) => {
    const { labels, base } = data.partitions[i]!;
    const cellsTotal = labels.length * agreement.categories;
    const people = labels.map((each, cell): BaseCell => ({ labels: each, people: base[cell]! }));
    return { ...partition, hiddenCells: cellsTotal - partition.cells.length, cellsTotal, base: people };
  });
  const people = { ownPeople: agreement.receiverPeople, partnerPeople: agreement.senderPeople };
  return { ...common(terms, "receiver"), partitions, ...people };
}

function common({ report, measures, threshold, rules, release, arms }: ReportTerms, role: Role) {
  return {
    kind: report,
    role,
    measures: measures.map(({ name, decimals, squares }) => ({ name, decimals, squares: squares === true })),
    threshold,
    ...(rules === "pair" ? { rules } : {}),
    ...(release.mode === "exact"
      ? {}
      : {
          noise: {
            mechanism: release.mechanism,
            microEpsilon: release.microEpsilon,
            delta: -release.deltaExponent,
          },
        }),
    ...(arms === undefined
      ? {}
      : { lift: { dimension: arms.column, test: arms.test, control: arms.control } }),
  };
}

function partitionsOf(terms: ReportTerms, agreement: Agreement, table: NamedTable): ReleasedPartition[] {
  const { block } = layoutOf(terms, agreement);
  const { blocks, totals } = table;
  return terms.partitions.map((groupBy, partition) => {
    const variances = variancesOf(terms, partition);
    return {
      groupBy,
      senderGroupBy: terms.senderGroupBy,
      cells: blocks
        .filter((each) => each.partition === partition)
        .map((each) => releasedCell(terms, block, variances, each))
        .sort((a, b) => compareLabels(a.labels, b.labels)),
      ...(totals && { totals: totals.map((each) => releasedCell(terms, block, variances, each)) }),
    };
  });
}

/** Of the noise of both sides together, for each column of a block. */
function variancesOf(terms: ReportTerms, partition: number): number[] {
  const plan = noisePlanOf(terms);
  return plan === undefined ? [] : plan.noise[partition]!.map((noise) => spreadOfNoise(noise).variance);
}

function releasedCell(
  { measures }: ReportTerms,
  block: readonly BlockColumn[],
  variances: readonly number[],
  {
    labels,
    numbers,
    overPair = false,
  }: Pick<NamedBlock, "labels" | "numbers"> & { readonly overPair?: boolean },
): ReleasedCell {
  const find = (kind: BlockColumn["kind"], measure: number): Released | undefined => {
    const at = block.findIndex((column) => column.kind === kind && column.measure === measure);
    const value = at === -1 ? undefined : numbers[at];
    return value === undefined ? undefined : { value, variance: variances[at] ?? 0 };
  };
  const sums = measures.map((_, m) => find("sum", m));
  const squares = measures.map((_, m) => find("squares", m));
  const anySquares = measures.some((measure) => measure.squares === true);
  return {
    labels,
    people: find("people", -1),
    sums,
    ...(anySquares ? { squares } : {}),
    ...(overPair ? { overPair } : {}),
  };
}

function compareLabels(a: readonly string[], b: readonly string[]): number {
  const i = a.findIndex((label, at) => label !== b[at]);
  if (i === -1) return 0;
  return a[i]! < b[i]! ? -1 : 1;
}

/** A report of one partition without categories as the plain table that two halves print. */
export function tableOf({ partitions, measures, threshold }: ReleasedReport): ReleasedTable {
  const [{ groupBy, cells, hiddenCells, cellsTotal }] = partitions as [ReleasedPartition];
  return {
    groupBy,
    measures: measures.map(({ name, decimals }) => ({ name, decimals })),
    threshold,
    cells: cells.map(({ labels, people, sums }) => ({
      labels,
      people: people!.value,
      sums: sums.map((sum) => sum?.value),
    })),
    suppressed: hiddenCells,
    cellsTotal,
  };
}
