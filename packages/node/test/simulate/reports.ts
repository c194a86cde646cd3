// The report of a run: what a side asks for, what it keeps, and what the plain join of both sides' rows shows.
import { exactRelease } from "@halfroom/testkit";
import type { Name } from "./made-nodes.ts";
import type { Row } from "./plain-work.ts";

const THRESHOLD = 11;

export function requestBy(name: Name, exact: boolean): string {
  const measures = "measures: { revenue: { low: 0, high: 500, decimals: 2 } }";
  const sides =
    name === "advertiser"
      ? `partner: publisher\nours: { dataset: purchases, ${measures} }\ntheirs: { dataset: exposures, group_by: [campaign] }`
      : `partner: advertiser\nours: { dataset: exposures, group_by: [campaign] }\ntheirs: { dataset: purchases, ${measures} }`;
  return `${sides}\nthreshold: ${THRESHOLD}\n${exact ? "exact: true" : "epsilon: 30"}\n`;
}

interface Cell {
  readonly labels: readonly string[];
  readonly people: number;
  /** In cents; null where too few people have an amount. */
  readonly sum: number | null;
}

export function cellsOf(json: string): Cell[] {
  const { partitions } = JSON.parse(json) as { partitions: { cells: StoredCell[] }[] };
  return partitions[0]!.cells.map(({ labels, people, sums }) => ({
    labels,
    people: people.value,
    sum: sums[0] === null || sums[0] === undefined ? null : Math.round(sums[0].value * 100),
  }));
}

interface StoredCell {
  readonly labels: readonly string[];
  readonly people: { readonly value: number };
  readonly sums: readonly ({ readonly value: number } | null)[];
}

/** What an exact report of the plain join shows. */
export function plainCells(sender: readonly Row[], receiver: readonly Row[]): Cell[] {
  const cents = new Map(sender.map((row) => [row.person, row.cents]));
  const labels = [...new Set(receiver.map(({ campaign }) => campaign))].sort();
  const cells = labels.map((label) => {
    const base = receiver.filter(({ campaign }) => campaign === label);
    const amounts = base.flatMap(({ person }) => cents.get(person) ?? []);
    return {
      labels: [label],
      base: BigInt(base.length),
      people: BigInt(amounts.length),
      sums: [amounts.reduce((sum, amount) => sum + amount, 0n)],
      contributors: [BigInt(amounts.filter((amount) => amount !== 0n).length)],
    };
  });
  const join = { cells, senderPeople: BigInt(sender.length), receiverPeople: BigInt(receiver.length) };
  return exactRelease(join, { threshold: THRESHOLD }).released.map(({ labels, people, sums }) => ({
    labels,
    people: Number(people),
    sum: sums[0] === undefined ? null : Number(sums[0]),
  }));
}
