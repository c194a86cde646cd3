// The released report of one side: what was opened under its labels, and beside it what this side knows of its own people.
import type { ReceiverPeople, SenderPeople } from "@halfroom/prepare";
import { varianceOfNoise } from "@halfroom/release";
import { otherRole } from "@halfroom/mpc";
import type {
  Agreed,
  BaseCell,
  Released,
  ReleasedCell,
  ReleasedPartition,
  ReleasedReport,
} from "@halfroom/report";
import type { AgreementContent } from "../agreement/agreement.ts";
import type { SessionData } from "../data.ts";
import { noisePlanOf } from "../terms/noise-plan.ts";
import type { Terms } from "../terms/terms.ts";
import { partitionOf, type Labels } from "./labels.ts";
import type { BlockColumn, Layout } from "./layout.ts";
import type { OpenedBlock, OpenedTable } from "./open-table.ts";
import type { ToldBases } from "./told-bases.ts";

/** What stands beside the opened numbers. */
interface Beside extends Labels {
  /** The receiver's people by row, as it told the sender; none if it does not. */
  readonly bases: ToldBases;
}

/** Rows of the table under their labels; each side adds what only it knows. */
export function reportOf(
  data: SessionData,
  { terms, sender, receiver }: AgreementContent,
  layout: Layout,
  opened: OpenedTable,
  labels: Beside,
): ReleasedReport {
  const [own, partner] = data.role === "sender" ? [sender, receiver] : [receiver, sender];
  const partitions = partitionsOf(terms, layout, opened, labels);
  return {
    ...common(terms, data.role),
    partitions:
      data.role === "sender"
        ? partitions.map((partition) => ({ ...partition, base: senderBase(data.people) }))
        : partitions.map((partition, i) => ({
            ...partition,
            ...receiverBase(data.people, i, partition.cells.length, layout),
          })),
    agreed: agreedOf(terms, data.role),
    ownPeople: own.people,
    partnerPeople: partner.people,
  };
}

/** The sender knows its categories' bases and not how many cells there are. */
function senderBase({ categoryLabels, base }: SenderPeople): BaseCell[] {
  return categoryLabels.map((labels, category) => ({ labels, people: base[category]! }));
}

/** The receiver knows how many cells there are and how many stay hidden. */
function receiverBase(
  { partitions }: ReceiverPeople,
  partition: number,
  released: number,
  { categories }: Layout,
) {
  const { labels, base } = partitions[partition]!;
  const cellsTotal = labels.length * categories;
  return {
    hiddenCells: cellsTotal - released,
    cellsTotal,
    base: labels.map((each, cell): BaseCell => ({ labels: each, people: base[cell]! })),
  };
}

function common({ report, measures, threshold, rules, release, arms }: Terms, role: SessionData["role"]) {
  return {
    kind: report,
    role,
    measures: measures.map(({ name, decimals, squares, low, high }) => ({
      name,
      decimals,
      squares,
      low,
      high,
    })),
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

function agreedOf(
  { datasets, match, entriesMax, events, newPeople }: Terms,
  role: SessionData["role"],
): Agreed {
  return {
    datasets: { own: datasets[role], partner: datasets[otherRole(role)] },
    match: match.map(({ key }) => key),
    entries: entriesMax,
    ...(events && { events: { perPerson: events.perPerson, windowSeconds: events.windowSeconds } }),
    ...(newPeople && { newPeople }),
  };
}

function partitionsOf(
  terms: Terms,
  layout: Layout,
  { blocks, totals }: OpenedTable,
  labels: Beside,
): ReleasedPartition[] {
  return terms.partitions.map((groupBy, partition) => {
    const variances = variancesOf(terms, partition);
    const cellOf = (words: readonly string[], { numbers, overPair }: Opened) =>
      releasedCell(terms, layout.block, variances, words, numbers, overPair);
    return {
      groupBy,
      senderGroupBy: terms.senderGroupBy,
      cells: blocks
        .filter(({ cell }) => partitionOf(cell, layout) === partition)
        .map((block) => ({
          ...cellOf(labelsOf(block, labels), block),
          ...toldBase(labels.bases.get(block.cell), terms, partition),
        }))
        .sort((a, b) => compareLabels(a.labels, b.labels)),
      ...(totals && {
        totals: totals.flatMap((numbers, place) => {
          const words = labels.categories.get(place);
          const some = numbers.some((number) => number !== undefined);
          return some && words !== undefined ? [cellOf(words, { numbers, overPair: false })] : [];
        }),
      }),
    };
  });
}

type Opened = Pick<OpenedBlock, "numbers" | "overPair">;

function labelsOf({ cell, category }: OpenedBlock, labels: Labels): string[] {
  return [...(labels.cells.get(cell) ?? []), ...(labels.categories.get(category) ?? [])];
}

/** The receiver's noise in a base is as much as that of both sides in a number. */
function toldBase(value: bigint | undefined, terms: Terms, partition: number): Pick<ReleasedCell, "base"> {
  if (value === undefined) return {};
  const noise = noisePlanOf(terms)?.bases?.[partition];
  return { base: { value, variance: noise === undefined ? 0 : varianceOfNoise(noise) } };
}

/** Of the noise of both sides together, for each column of a block. */
function variancesOf(terms: Terms, partition: number): number[] {
  const plan = noisePlanOf(terms);
  return plan === undefined ? [] : plan.noise[partition]!.map(varianceOfNoise);
}

function releasedCell(
  { measures }: Terms,
  block: readonly BlockColumn[],
  variances: readonly number[],
  labels: readonly string[],
  numbers: OpenedBlock["numbers"],
  overPair: boolean,
): ReleasedCell {
  const find = (kind: BlockColumn["kind"], measure: number): Released | undefined => {
    const at = block.findIndex((column) => column.kind === kind && column.measure === measure);
    const value = at === -1 ? undefined : numbers[at];
    return value === undefined ? undefined : { value, variance: variances[at] ?? 0 };
  };
  const sums = measures.map((_, m) => find("sum", m));
  const squares = measures.map((_, m) => find("squares", m));
  return {
    labels,
    people: find("people", -1),
    sums,
    ...(measures.some((measure) => measure.squares) ? { squares } : {}),
    ...(overPair ? { overPair } : {}),
  };
}

function compareLabels(a: readonly string[], b: readonly string[]): number {
  const i = a.findIndex((label, at) => label !== b[at]);
  if (i === -1) return 0;
  return a[i]! < b[i]! ? -1 : 1;
}
