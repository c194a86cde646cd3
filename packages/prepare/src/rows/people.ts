// From rows to people, inside the engine: which rows are one person, which identifiers people share, which value counts.
import type { Plan } from "../dataset/request.ts";
import type { Blame, Engine } from "../engine/engine.ts";
import { derivedLabel } from "./derive.ts";
import { OUTSIDE } from "./faults.ts";
import { STAGED } from "./stage.ts";

/**
 * Columns of the table of people: i0, i1, ... the digests or NULL, m0, m1, ... the clipped sums, d0, d1, ... the labels,
 * and `personKey`; c0, c1, ... tell whose sums were clipped. No digest of a key occurs in two rows.
 */
export const PEOPLE = "halfroom_people";

/** Columns i0, i1, ... as above and `inside`: everybody in the dataset, and who of them is in the report. */
export const EVERYBODY = "halfroom_everybody";

/** The column of the table of people that equals `who` in their rows. */
export function personKey(plan: Plan): string {
  return isSimple(plan) ? "i0" : "who";
}

/** For the owner alone. */
export interface MergeCounts {
  /** For each key: identifiers that two or more people of the dataset held, taken from all of them. */
  readonly shared: bigint[];
  /** For each key: people of the report with several different identifiers, of which the first in the file's order counts. */
  readonly several: bigint[];
  /** People of the report who were left without any identifier, and their rows. */
  readonly lostPeople: bigint;
  readonly lostRows: bigint;
  /** People of the dataset of whom the report's filter leaves nothing; without them there is no table of everybody. */
  readonly outside: bigint;
  /** For each measure: people of the report whose rows add up to less or more than its bounds. */
  readonly clipped: bigint[];
}

/**
 * Fills the table above from the staged rows. With one key and no `person` column, people are the distinct digests. Otherwise a
 * person is a value of `person` or, without that, of the first key that the row has, in the order of the request. Who a person
 * is and what identifiers they have follows from all rows of the dataset, whatever the report's filter says: people are
 * enrolled so. Their labels and sums follow from the rows that the filter keeps.
 */
export async function groupPeople(engine: Engine, plan: Plan, blame: Blame): Promise<MergeCounts> {
  await engine.run(`create table ${PEOPLE} as ${grouped(plan)}`, blame);
  const merges = isSimple(plan) ? NOTHING_SHARED : await removeShared(engine, plan, blame);
  const outside = await leaveOutside(engine, plan, blame);
  return { ...merges, outside, clipped: await countClipped(engine, plan, blame) };
}

const NOTHING_SHARED = { shared: [0n], several: [0n], lostPeople: 0n, lostRows: 0n };

/** Takes people of whom the filter keeps no row out of the table. Returns how many they are. */
async function leaveOutside(engine: Engine, { keys }: Plan, blame: Blame): Promise<bigint> {
  const outside = await count(engine, `select count(*) from ${PEOPLE} where row_count = 0`, blame);
  if (outside === 0n) return outside;
  const identifiers = keys.map((_, k) => `i${k}`).join(", ");
  await engine.run(
    `create table ${EVERYBODY} as select ${identifiers}, row_count > 0 as inside from ${PEOPLE}`,
    blame,
  );
  await engine.run(`delete from ${PEOPLE} where row_count = 0`, blame);
  return outside;
}

async function countClipped(engine: Engine, { measures }: Plan, blame: Blame): Promise<bigint[]> {
  if (measures.length === 0) return [];
  const counts = measures.map((_, m) => `count(*) filter (where c${m})`);
  const [row = []] = await engine.rows(`select ${counts.join(", ")} from ${PEOPLE}`, blame);
  return row as bigint[];
}

function isSimple({ keys, dataset }: Plan): boolean {
  return keys.length === 1 && dataset.person === undefined;
}

const COUNTS = "fault = 0";

/** The staged rows that count, each with its person as `who`. */
export function goodRows(plan: Plan): string {
  return rowsOfPeople(plan, COUNTS);
}

/** Those that `condition` keeps, each with its person as `who`. */
function rowsOfPeople(plan: Plan, condition: string): string {
  const good = `${STAGED} where ${condition}`;
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
    `count(*) filter (where ${COUNTS}) as row_count`,
    ...measures.flatMap(({ low, high }, m) => {
      const sum = `coalesce(sum(m${m}) filter (where ${COUNTS}), 0)`;
      return [
        `greatest(${low}, least(${high}, ${sum}))::bigint as m${m}`,
        `${sum} not between ${low} and ${high} as c${m}`,
      ];
    }),
    ...dimensions.map((dimension, d) => `${picked(dimension, d)} as d${d}`),
  ];
  const rows = rowsOfPeople(plan, `fault in (0, ${OUTSIDE})`);
  return `select ${columns.join(", ")} from (${withFrequencies(rows, dimensions)}) group by who`;
}

type Dimensions = Plan["dimensions"];

/** Adds to each row how often its labels occur for its person, for dimensions that ask for the most frequent label. */
function withFrequencies(rows: string, dimensions: Dimensions): string {
  const counts = dimensions.flatMap(({ pick }, d) => {
    const same = `over (partition by who, fault, d${d})`;
    return pick === "most frequent" ? [`count(*) ${same} as n${d}, min(ord) ${same} as first${d}`] : [];
  });
  return counts.length === 0 ? rows : `select *, ${counts.join(", ")} from (${rows})`;
}

/**
 * Of the rows that count. Ties go to the label that came first; among rows equal in what "last by" orders by, to the last row.
 */
function picked({ pick, derive }: Dimensions[number], d: number): string {
  const counting = `filter (where ${COUNTS})`;
  if (pick === "sum") return derivedLabel(derive!, `sum(d${d}) ${counting}`);
  if (pick === "most frequent")
    return `arg_max(d${d}, n${d}::hugeint * 9223372036854775808 - first${d}) ${counting}`;
  if (pick === "first") return `arg_min(d${d}, ord) ${counting}`;
  const ordered = `filter (where o${d} is not null and ${COUNTS})`;
  return `coalesce(arg_max(d${d}, row(o${d}, ord)) ${ordered}, arg_max(d${d}, ord) ${counting})`;
}

async function removeShared(
  engine: Engine,
  { keys }: Plan,
  blame: Blame,
): Promise<Omit<MergeCounts, "outside" | "clipped">> {
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
    several.push(
      await count(engine, `select count(*) from ${PEOPLE} where several${k} and row_count > 0`, blame),
    );
  }
  const lostPeople = await count(
    engine,
    `select count(*) from ${PEOPLE} where ${none} and row_count > 0`,
    blame,
  );
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
