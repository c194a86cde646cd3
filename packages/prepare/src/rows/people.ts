// Rows to people, inside the engine: who is one person, which identifiers two people share, which value of each counts.
import type { Plan } from "../dataset/request.ts";
import type { Blame, Engine } from "../engine/engine.ts";
import { derivedLabel } from "./derive.ts";
import { STAGED } from "./stage.ts";

/**
 * Columns of the table of people: i0, i1, ... the digests or NULL, m0, m1, ... the clipped sums, d0, d1, ... the labels,
 * cell0, cell1, ... for each partition the number of the tuple of labels. No digest of one key stands in two rows.
 */
export const PEOPLE = "halfroom_people";
/** number, and d0, d1, ... of those dimensions that the partition names: the tuples of labels that occur, sorted. */
export const cellsOf = (partition: number): string => `halfroom_cells_${partition}`;

const GROUPED = "halfroom_grouped";

/** For the owner alone. */
export interface MergeCounts {
  /** For each key: identifiers that two or more people held, taken from all of them. */
  readonly shared: bigint[];
  /** For each key: people with several different identifiers, of whom the first in the file's order counts. */
  readonly several: bigint[];
  /** People, and rows of theirs, who were left without any identifier. */
  readonly lostPeople: bigint;
  readonly lostRows: bigint;
}

/**
 * Fills the tables above from the staged rows, which it removes. With one key and no `person` column people are the
 * distinct digests. Otherwise a person is a value of `person`, or else of the first key that the row has, in the order
 * of the request.
 */
export async function groupPeople(engine: Engine, plan: Plan, blame: Blame): Promise<MergeCounts> {
  const simple = plan.keys.length === 1 && plan.dataset.person === undefined;
  await engine.run(`create table ${GROUPED} as ${grouped(plan, simple)}`, blame);
  const counts = simple ? NOTHING_SHARED : await removeShared(engine, plan, blame);
  await engine.run(`drop table ${STAGED}`, blame);
  await numberCells(engine, plan, blame);
  await engine.run(`drop table ${GROUPED}`, blame);
  return counts;
}

/** Numbers the tuples of labels of every partition, and gives each person the number of theirs. */
async function numberCells(engine: Engine, { partitions }: Plan, blame: Blame): Promise<void> {
  for (const [p, dimensions] of partitions.entries()) {
    const labels = dimensions.map((d) => `d${d}`);
    const distinct =
      labels.length === 0 ? "select 1" : `select distinct ${labels.join(", ")} from ${GROUPED}`;
    const order =
      labels.length === 0 ? "" : `order by ${labels.map((label) => `encode(${label})`).join(", ")}`;
    await engine.run(
      `create table ${cellsOf(p)} as
        select (row_number() over (${order}) - 1)::integer as number, * from (${distinct})`,
      blame,
    );
  }
  const numbers = partitions.map((_, p) => `, c${p}.number as cell${p}`);
  const joins = partitions.map((dimensions, p) => {
    const equal = dimensions.map((d) => `p.d${d} = c${p}.d${d}`);
    return `join ${cellsOf(p)} c${p} on ${equal.length === 0 ? "true" : equal.join(" and ")}`;
  });
  await engine.run(
    `create table ${PEOPLE} as select p.*${numbers.join("")} from ${GROUPED} p ${joins.join(" ")}`,
    blame,
  );
}

const NOTHING_SHARED: MergeCounts = { shared: [0n], several: [0n], lostPeople: 0n, lostRows: 0n };

function grouped({ keys, measures, dimensions, dataset }: Plan, simple: boolean): string {
  const good = `select * from ${STAGED} where fault = 0`;
  const columns = [
    ...(simple
      ? ["i0"]
      : keys.flatMap((_, k) => [
          `arg_min(i${k}, ord) filter (where i${k} is not null) as i${k}`,
          `count(distinct i${k}) > 1 as several${k}`,
        ])),
    "count(*) as row_count",
    ...measures.map(
      ({ low, high }, m) => `greatest(${low}, least(${high}, coalesce(sum(m${m}), 0)))::bigint as m${m}`,
    ),
    ...dimensions.map((dimension, d) => `${picked(dimension, d)} as d${d}`),
  ];
  if (simple)
    return `select ${columns.join(", ")} from (${withFrequencies(good, dimensions, "i0")}) group by i0`;
  const tagged = keys.map((_, k) => `when i${k} is not null then i${k} || '\\x0${k}'::blob`);
  const who = dataset.person === undefined ? "null" : "encode(nullif(person, '')) || '\\xff'::blob";
  const keyed = `select *, coalesce(${who}, case ${tagged.join(" ")} end) as who from (${good})`;
  return `select ${columns.join(", ")} from (${withFrequencies(keyed, dimensions, "who")}) group by who`;
}

type Dimensions = Plan["dimensions"];

/** How often each label occurs at its person, beside each row, for the dimensions that ask for the most frequent. */
function withFrequencies(rows: string, dimensions: Dimensions, who: string): string {
  const counts = dimensions.flatMap(({ pick }, d) =>
    pick === "most frequent"
      ? [
          `count(*) over (partition by ${who}, d${d}) as n${d}, min(ord) over (partition by ${who}, d${d}) as first${d}`,
        ]
      : [],
  );
  return counts.length === 0 ? rows : `select *, ${counts.join(", ")} from (${rows})`;
}

/** Ties go to the label that came first; of rows that are equal in what "last by" orders by, to the last. */
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
      `create table ${table} as select i${k} from ${GROUPED} where i${k} is not null group by i${k} having count(*) > 1`,
      blame,
    );
    shared.push(await count(engine, `select count(*) from ${table}`, blame));
    await engine.run(`update ${GROUPED} set i${k} = null where i${k} in (from ${table})`, blame);
    await engine.run(`drop table ${table}`, blame);
  }
  const none = keys.map((_, k) => `i${k} is null`).join(" and ");
  const several: bigint[] = [];
  for (const k of keys.keys()) {
    several.push(await count(engine, `select count(*) from ${GROUPED} where several${k}`, blame));
  }
  const lostPeople = await count(engine, `select count(*) from ${GROUPED} where ${none}`, blame);
  const lostRows = await count(
    engine,
    `select coalesce(sum(row_count), 0)::bigint from ${GROUPED} where ${none}`,
    blame,
  );
  await engine.run(`delete from ${GROUPED} where ${none}`, blame);
  return { shared, several, lostPeople, lostRows };
}

async function count(engine: Engine, statement: string, blame: Blame): Promise<bigint> {
  const [[value] = []] = await engine.rows(statement, blame);
  return value as bigint;
}
