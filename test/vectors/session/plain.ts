// What a recorded session must release: plain SQL on its two files, the noise that both sides drew, and the rules of
// the release as they read (protocol-spec.md, section 13), for a person in one cell at most.
import { plainCredit, sqlRows } from "@halfroom/testkit";
import type { Terms } from "@halfroom/session";
import type { Files } from "./prepare.ts";

/** What the matched people of a cell and a category add up to. */
interface Pair {
  readonly people: bigint;
  readonly sums: readonly bigint[];
  readonly squares: readonly bigint[];
  readonly contributors: readonly bigint[];
}

interface PlainCell {
  readonly labels: readonly string[];
  /** The receiver's people, matched or not. */
  readonly base: bigint;
  /** One for each category. */
  readonly pairs: readonly Pair[];
}

export interface Plain {
  readonly categories: readonly { readonly labels: readonly string[]; readonly people: bigint }[];
  readonly partitions: readonly (readonly PlainCell[])[];
}

/** A cell or total as it is reported: null for what stays hidden. */
export interface ReportedCell {
  readonly labels: readonly string[];
  readonly numbers: readonly (string | null)[];
}

export async function plainOf(files: Files, terms: Terms): Promise<Plain> {
  return terms.events === undefined ? await joined(files, terms) : await credited(files, terms);
}

async function credited(files: Files, terms: Terms): Promise<Plain> {
  const { events, entriesMax, measures, partitions, report } = terms;
  const cells = await plainCredit(files.sender, files.receiver, {
    measures: measures.map(({ name }) => name),
    groupBy: partitions[0]!,
    events: events!.perPerson,
    entries: entriesMax,
    keep: report === "lift" ? "first" : "last",
    windowSeconds: events!.windowSeconds,
  });
  const source = `read_csv('${files.sender}', header = true, all_varchar = true)`;
  const [[people]] = (await sqlRows([], `select count(distinct email) from ${source}`)) as [[bigint]];
  const ofCell = ({ labels, base, ...pair }: (typeof cells)[number]) => ({
    labels,
    base,
    pairs: [pair],
  });
  return { categories: [{ labels: [], people }], partitions: [cells.map(ofCell)] };
}

async function joined(files: Files, terms: Terms): Promise<Plain> {
  const keys = terms.match.map(({ key }) => key);
  const tables = [senderTable(files.sender, keys, terms), receiverTable(files.receiver, keys, terms)];
  const query = async (text: string) => (await sqlRows(tables, text)) as (string | bigint)[][];
  const { senderGroupBy, partitions, measures } = terms;
  const columns = (side: string, names: readonly string[]) => names.map((name) => `${side}.${quoted(name)}`);
  const found = keys.map((key) => `r.${quoted(key)} = s.${quoted(key)}`).join(" or ");
  const numbers = measures.flatMap((_, m) => [
    `sum(v${m})::bigint`,
    `sum(v${m} * v${m})::bigint`,
    `count(*) filter (v${m} <> 0)`,
  ]);
  const own = columns("s", senderGroupBy);
  const categories = (await query(`select ${[...own, "count(*)"].join(", ")} from s group by all`))
    .map((row) => ({ labels: row.slice(0, -1) as string[], people: row.at(-1) as bigint }))
    .toSorted(byLabels);
  return {
    categories,
    partitions: await Promise.all(
      partitions.map(async (groupBy) => {
        const cells = columns("r", groupBy);
        const bases = await query(`select ${[...cells, "count(*)"].join(", ")} from r group by all`);
        const pairs = await query(
          `select ${[...cells, ...own, "count(*)", ...numbers].join(", ")} from r join s on ${found} group by all`,
        );
        return bases
          .map((row) => {
            const labels = row.slice(0, -1) as string[];
            const pairOf = (category: readonly string[]) => {
              const wanted = [...labels, ...category];
              const pair = pairs.find((candidate) => wanted.every((label, i) => candidate[i] === label));
              return readPair(pair?.slice(wanted.length) as bigint[] | undefined, measures.length);
            };
            return {
              labels,
              base: row.at(-1) as bigint,
              pairs: categories.map((category) => pairOf(category.labels)),
            };
          })
          .toSorted(byLabels);
      }),
    ),
  };
}

function readPair(row: readonly bigint[] | undefined, measures: number): Pair {
  const every = (offset: number) =>
    Array.from({ length: measures }, (_, m) => row?.[1 + m * 3 + offset] ?? 0n);
  return { people: row?.[0] ?? 0n, sums: every(0), squares: every(1), contributors: every(2) };
}

const quoted = (name: string) => `"${name}"`;
const csv = (file: string) =>
  `(select row_number() over () as line, * from read_csv('${file}', header = true, all_varchar = true, parallel = false))`;

/** Lower case without blanks; anything that is not an address matches nobody. */
function keyColumns(keys: readonly string[]): string {
  return keys
    .map((key) => {
      const text = `lower(trim(${quoted(key)}))`;
      return `case when ${key === "email" ? `${text} like '%@%'` : `${text} <> ''`} then ${text} end as ${quoted(key)}`;
    })
    .join(", ");
}

/** One row per person: equal keys are one person. */
function personTable(
  name: string,
  file: string,
  keys: readonly string[],
  columns: readonly string[],
): string {
  const list = keys.map(quoted).join(", ");
  return `create table ${name} as
    with rows as (select ${keyColumns(keys)}, * exclude (${list}) from ${csv(file)})
    select ${[...keys.map(quoted), ...columns].join(", ")} from rows where coalesce(${list}) is not null group by ${list}`;
}

function senderTable(file: string, keys: readonly string[], { measures, senderGroupBy }: Terms): string {
  const clipped = measures.map(({ name, low, high, decimals }, m) => {
    const scaled = `sum(cast(${quoted(name)} as decimal(18, ${decimals})) * ${10 ** decimals})`;
    return `greatest(${low}, least(${high}, ${scaled}))::bigint as v${m}`;
  });
  return personTable("s", file, keys, [...firstOf(senderGroupBy), ...clipped]);
}

function receiverTable(file: string, keys: readonly string[], { partitions }: Terms): string {
  return personTable("r", file, keys, firstOf([...new Set(partitions.flat())]));
}

const firstOf = (names: readonly string[]) =>
  names.map((name) => `min_by(coalesce(${quoted(name)}, ''), line) as ${quoted(name)}`);

function byLabels(a: { labels: readonly string[] }, b: { labels: readonly string[] }): number {
  const at = a.labels.findIndex((label, i) => label !== b.labels[i]);
  return at === -1 ? 0 : a.labels[at]! < b.labels[at]! ? -1 : 1;
}

/** Whether cells hold the receiver's people too, which a sender computes the report from. */
export function hasBases({ report, resultTo, senderGroupBy }: Terms): boolean {
  return ["lift", "index"].includes(report) && resultTo !== "receiver" && senderGroupBy.length === 0;
}

/** The noise of a cell and category: people, for each measure its sum, the base if there is one. Zeros in an exact report. */
export type NoiseOf = (partition: number, cell: number, category: number) => readonly bigint[];

/** The cells that a report (exact without totals, or with noise) must show, with all their numbers. */
export function expectedCells(plain: Plain, terms: Terms, noiseOf: NoiseOf): ReportedCell[][] {
  const rules = terms.release.mode === "exact" ? exactRules(plain, terms) : noisyRules(terms, noiseOf);
  return plain.partitions.map((cells, partition) =>
    cells
      .flatMap((cell, c) =>
        plain.categories.flatMap(({ labels }, a) => {
          const numbers = rules(partition, cell, c, a);
          return numbers === undefined ? [] : [{ labels: [...cell.labels, ...labels], numbers }];
        }),
      )
      .toSorted(byLabels),
  );
}

/** The numbers of a cell and category; undefined if the report says nothing about it. */
type Rules = (
  partition: number,
  cell: PlainCell,
  index: number,
  category: number,
) => readonly (string | null)[] | undefined;

function noisyRules(terms: Terms, noiseOf: NoiseOf): Rules {
  const threshold = BigInt(terms.threshold * terms.match.length);
  return (partition, { pairs, base }, index, category) => {
    const noise = noiseOf(partition, index, category);
    const { people, sums } = pairs[category]!;
    const numbers = [people, ...sums, ...(hasBases(terms) ? [base] : [])].map(
      (value, i) => value + noise[i]!,
    );
    return numbers[0]! < threshold ? undefined : numbers.map(String);
  };
}

function exactRules(plain: Plain, terms: Terms): Rules {
  const threshold = BigInt(terms.threshold * terms.match.length);
  const sumOf = (numbers: readonly bigint[]) => numbers.reduce((sum, number) => sum + number, 0n);
  const [cells] = plain.partitions as [readonly PlainCell[]];
  const matchedOf = (cell: PlainCell) => sumOf(cell.pairs.map(({ people }) => people));
  const inPair = (size: bigint, matched: bigint) => terms.rules === "standard" || 17n * size >= 20n * matched;
  const open = (size: bigint, matched: bigint) => size - matched >= threshold && inPair(size, matched);
  const matched = sumOf(cells.map(matchedOf));
  const wholes =
    open(sumOf(cells.map(({ base }) => base)), matched) &&
    open(sumOf(plain.categories.map(({ people }) => people)), matched);
  const ofCategory = plain.categories.map(({ people }, a) =>
    open(people, sumOf(cells.map(({ pairs }) => pairs[a]!.people))),
  );
  const squared = terms.measures.some(({ squares }) => squares);
  return (_, cell, _index, category) => {
    const { people, sums, squares, contributors } = cell.pairs[category]!;
    const rest = squared ? squares : [];
    const tellsPair = matchedOf(cell) >= threshold && !inPair(cell.base, matchedOf(cell));
    if (tellsPair) return [people, ...sums, ...rest].map(() => null);
    const passes = wholes && ofCategory[category]! && open(cell.base, matchedOf(cell)) && people >= threshold;
    if (!passes) return undefined;
    const guarded = (values: readonly bigint[]) =>
      values.map((value, m) => (contributors[m]! >= threshold ? String(value) : null));
    return [
      String(people),
      ...guarded(sums),
      ...guarded(rest),
      ...(hasBases(terms) ? [String(cell.base)] : []),
    ];
  };
}

/** People and sums of each category over all cells, shown or not. */
export function plainTotals({ categories, partitions: [cells] }: Plain): ReportedCell[] {
  return categories.map(({ labels }, a) => {
    const pairs = cells!.map((cell) => cell.pairs[a]!);
    const sums = pairs[0]!.sums.map((_, m) => pairs.reduce((sum, pair) => sum + pair.sums[m]!, 0n));
    const people = pairs.reduce((sum, pair) => sum + pair.people, 0n);
    return { labels, numbers: [people, ...sums].map(String) };
  });
}
