// From rows to people, inside the engine: which rows are one person, which identifiers people share, which value counts.
import type { Plan } from "../dataset/request.ts";
import type { Blame, Engine } from "../engine/engine.ts";
import { derivedLabel } from "./derive.ts";
import { STAGED } from "./stage.ts";

/**
 * Columns of the table of people: i0, i1, ... the digests or NULL, m0, m1, ... the clipped sums, d0, d1, ... the labels,
 * and `personKey`. No digest of a key occurs in two rows.
 */
export const PEOPLE = "halfroom_people";

/** The column of the table of people that equals `who` in their rows. */
export function personKey(plan: Plan): string {
  return isSimple(plan) ? "i0" : "who";
}

/** For the owner alone. */
export interface MergeCounts {
  /** For each key: identifiers that two or more people held, taken from all of them. */
  readonly shared: bigint[];
  /** For each key: people with several different identifiers, of which the first in the file's order counts. */
  readonly several: bigint[];
  /** People who were left without any identifier, and their rows. */
  readonly lostPeople: bigint;
  readonly lostRows: bigint;
}

/**
 * Fills the table above from the staged rows. With one key and no `person` column, people are the distinct digests. Otherwise a
 * person is a value of `person` or, without that, of the first key that the row has, in the order of the request.
 */
export async function groupPeople(engine: Engine, plan: Plan, blame: Blame): Promise<MergeCounts> {
  await engine.run(`create table ${PEOPLE} as ${grouped(plan)}`, blame);
  return isSimple(plan) ? NOTHING_SHARED : await removeShared(engine, plan, blame);
}

const NOTHING_SHARED: MergeCounts = { shared: [0n], several: [0n], lostPeople: 0n, lostRows: 0n };

function isSimple({ keys, dataset }: Plan): boolean {
  return keys.length === 1 && dataset.person === undefined;
}

/** The staged rows that count, each with its person as `who`. */
export function goodRows(plan: Plan): string {
  const good = `${STAGED} where fault = 0`;
  if (isSimple(plan)) return `select *, i0 as who from ${good}`;
  const tagged = plan.keys.map((_, k) => `when i${k} is not null then i${k} || '\\x0${k}'::blob`);
  const declared = plan.dataset.person === undefined ? "null" : "encode(nullif(person, '')) || '\\xff'::blob";
  return `select *, coalesce(${declared}, case ${tagged.join(" ")} end) as who from ${good}`;
}

function grouped(plan: Plan): string {
  const { keys, measures, dimensions } = plan;
  const identifiers = isSimple(plan)
    ? ["who as i0"]
    : [
        "who",
        ...keys.flatMap((_, k) => [
          `arg_min(i${k}, ord) filter (where i${k} is not null) as i${k}`,
          `count(distinct i${k}) > 1 as several${k}`,
        ]),
      ];
  const columns = [
    ...identifiers,
    "count(*) as row_count",
    ...measures.map(
      ({ low, high }, m) => `greatest(${low}, least(${high}, coalesce(sum(m${m}), 0)))::bigint as m${m}`,
    ),
    ...dimensions.map((dimension, d) => `${picked(dimension, d)} as d${d}`),
  ];
  return `select ${columns.join(", ")} from (${withFrequencies(goodRows(plan), dimensions)}) group by who`;
}

type Dimensions = Plan["dimensions"];

/** Adds to each row how often its labels occur for its person, for dimensions that ask for the most frequent label. */
function withFrequencies(rows: string, dimensions: Dimensions): string {
  const counts = dimensions.flatMap(({ pick }, d) => {
    const same = `over (partition by who, d${d})`;
    return pick === "most frequent" ? [`count(*) ${same} as n${d}, min(ord) ${same} as first${d}`] : [];
  });
  return counts.length === 0 ? rows : `select *, ${counts.join(", ")} from (${rows})`;
}

/** Ties go to the label that came first; among rows equal in what "last by" orders by, to the last row. */
function picked({ pick, derive }: Dimensions[number], d: number): string {
  if (pick === "sum") return derivedLabel(derive!, `sum(d${d})`);
  if (pick === "most frequent") return `arg_max(d${d}, n${d}::hugeint * 9223372036854775808 - first${d})`;
  if (pick === "first") return `arg_min(d${d}, ord)`;
  return `coalesce(arg_max(d${d}, row(o${d}, ord)) filter (where o${d} is not null), arg_max(d${d}, ord))`;
}

async function removeShared(engine: Engine, { keys }: Plan, blame: Blame): Promise<MergeCounts> {
  const shared: bigint[] = [];
  for (const k of keys.keys()) {
    const table = `halfroom_shared_${k}`;
    await engine.run(
      `create table ${table} as select i${k} from ${PEOPLE} where i${k} is not null group by i${k} having count(*) > 1`,
      blame,
    );
    shared.push(await count(engine, `select count(*) from ${table}`, blame));
    await engine.run(`update ${PEOPLE} set i${k} = null where i${k} in (from ${table})`, blame);
    await engine.run(`drop table ${table}`, blame);
  }
  const none = keys.map((_, k) => `i${k} is null`).join(" and ");
  const several: bigint[] = [];
  for (const k of keys.keys()) {
    several.push(await count(engine, `select count(*) from ${PEOPLE} where several${k}`, blame));
  }
  const lostPeople = await count(engine, `select count(*) from ${PEOPLE} where ${none}`, blame);
  const lostRows = await count(
    engine,
    `select coalesce(sum(row_count), 0)::bigint from ${PEOPLE} where ${none}`,
    blame,
  );
  await engine.run(`delete from ${PEOPLE} where ${none}`, blame);
  return { shared, several, lostPeople, lostRows };
}

async function count(engine: Engine, statement: string, blame: Blame): Promise<bigint> {
  const [[value] = []] = await engine.rows(statement, blame);
  return value as bigint;
}
