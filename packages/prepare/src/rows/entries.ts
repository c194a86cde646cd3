// What a person can have several of: cells of one partition (reach), touches in time (attribution, lift), events in time. Each
// becomes a table of who, slot (0, 1, ... within the person) and content.
import type { Plan } from "../dataset/request.ts";
import type { Blame, Engine } from "../engine/engine.ts";
import { derivedLabel } from "./derive.ts";
import { goodRows, PEOPLE, personKey } from "./people.ts";

/** Columns: who, slot, d0, d1, ... for the partition's dimensions, and for touches t. Touches are the same in all partitions. */
export function entriesTable({ entries }: Plan, partition: number): string {
  return `halfroom_entries_${entries?.kind === "touches" ? 0 : partition}`;
}

/** Columns: who, slot, t, m0, m1, ...: one event and its measures per row. */
export const EVENTS = "halfroom_events";

/** The same before bounds are applied. */
const KEPT = "halfroom_events_kept";

/** Of rows with the same time, the later one in the source counts as later. */
const IN_TIME = ["t", "place"];

/** Columns: who, and person, the person's index in the order of the digests. */
export const NUMBERED = "halfroom_numbered";

export async function numberPeople(engine: Engine, plan: Plan, blame: Blame): Promise<void> {
  await engine.run(
    `create table ${NUMBERED} as select ${personKey(plan)} as who,
       (row_number() over (order by ${peopleOrder(plan)}) - 1)::integer as person from ${PEOPLE}`,
    blame,
  );
}

/** The one order of people, used everywhere. */
export function peopleOrder({ keys }: Plan): string {
  return keys.map((_, k) => `i${k} nulls last`).join(", ");
}

/** Fills the tables of entries. Returns for each partition how many entries found no free slot. */
export async function listEntries(engine: Engine, plan: Plan, blame: Blame): Promise<number[]> {
  const { entries, partitions } = plan;
  if (entries === undefined) return [];
  if (entries.kind === "touches") {
    const lost = await keepSlots(
      engine,
      entriesTable(plan, 0),
      touches(plan),
      { ...entries, order: IN_TIME },
      blame,
    );
    return partitions.map(() => lost);
  }
  const lost: number[] = [];
  for (const p of partitions.keys()) {
    const slots: Slots = { max: entries.max, keep: "first", order: ["place"] };
    lost.push(await keepSlots(engine, entriesTable(plan, p), distinctCells(plan, p), slots, blame));
  }
  return lost;
}

/**
 * A row for each cell that a person has in a partition, in the order in which the person's rows first reach it. For a dimension
 * picked as `first` every value counts; with `sum` it is added up within the entry; otherwise it has the person's one value.
 */
function distinctCells(plan: Plan, partition: number): string {
  const dimensions = plan.partitions[partition]!;
  const pickOf = (d: number) => plan.dimensions[d]!.pick;
  const own = dimensions.filter((d) => pickOf(d) === "first").map((d) => `d${d}`);
  const sums = dimensions
    .filter((d) => pickOf(d) === "sum")
    .map((d) => `${derivedLabel(plan.dimensions[d]!.derive!, `sum(d${d})`)} as d${d}`);
  const ofPerson = dimensions.filter((d) => pickOf(d) !== "first" && pickOf(d) !== "sum");
  const grouped = `select ${["who", ...own, ...sums, "min(ord) as place"].join(", ")} from (${goodRows(plan)})
    group by ${["who", ...own].join(", ")}`;
  return withLabelsOfPerson(plan, grouped, ofPerson);
}

/** A row for each touch of a person: rows with the same time and labels are one touch. */
function touches(plan: Plan): string {
  const ofRow = plan.dimensions.flatMap(({ pick }, d) => (pick === "first" ? [`d${d}`] : []));
  const ofPerson = plan.dimensions.flatMap(({ pick }, d) => (pick === "first" ? [] : [d]));
  const grouped = `select ${["who", "t", ...ofRow, "max(ord) as place"].join(", ")} from (${goodRows(plan)})
    group by ${["who", "t", ...ofRow].join(", ")}`;
  return withLabelsOfPerson(plan, grouped, ofPerson);
}

function withLabelsOfPerson(plan: Plan, entries: string, dimensions: readonly number[]): string {
  if (dimensions.length === 0) return entries;
  const labels = dimensions.map((d) => `p.d${d}`).join(", ");
  return `select e.*, ${labels} from (${entries}) e join ${PEOPLE} p on p.${personKey(plan)} = e.who`;
}

/** What does not fit of the events. */
export interface EventLosses {
  /** Events beyond a person's most; the earliest are left out. */
  readonly lost: number;
  /** For each measure: people whose other events add up to more than its bounds, upwards or downwards. */
  readonly clipped: readonly number[];
}

/** Fills the table of events. */
export async function listEvents(engine: Engine, plan: Plan, blame: Blame): Promise<EventLosses> {
  const { events, measures } = plan;
  if (events === undefined) return { lost: 0, clipped: [] };
  const values = measures.map((_, m) => `coalesce(m${m}, 0)::hugeint as m${m}`);
  const rows = `select ${["who", "t", ...values, "ord as place"].join(", ")} from (${goodRows(plan)})`;
  const slots: Slots = { max: events.max, keep: "last", order: IN_TIME };
  const lost = await keepSlots(engine, KEPT, rows, slots, blame);
  const clipped = await countClippedEvents(engine, plan, blame);
  await engine.run(`create table ${EVENTS} as ${clippedEvents(plan)}`, blame);
  await engine.run(`drop table ${KEPT}`, blame);
  return { lost, clipped };
}

async function countClippedEvents(engine: Engine, { measures }: Plan, blame: Blame): Promise<number[]> {
  if (measures.length === 0) return [];
  const beyond = measures.map(
    ({ low, high }, m) =>
      `sum(greatest(m${m}, 0)) > ${high > 0n ? high : 0n} or sum(least(m${m}, 0)) < ${low < 0n ? low : 0n} as c${m}`,
  );
  const counts = measures.map((_, m) => `count(*) filter (where c${m})`);
  const [row = []] = await engine.rows(
    `select ${counts.join(", ")} from (select ${beyond.join(", ")} from ${KEPT} group by who)`,
    blame,
  );
  return row.map(Number);
}

/**
 * In the order of time, a person's positive values count until they add up to the high bound, negative ones until they add up
 * to the low bound. Whichever events are credited, their sum then lies within the bounds (or is zero).
 */
function clippedEvents({ measures }: Plan): string {
  const clipped = measures.map(({ low, high }, m) => {
    const side = (value: string, bound: bigint, nearer: string) => {
      const upTo = `sum(${value}) over (partition by who order by slot)`;
      return `(${nearer}(${upTo}, ${bound}) - ${nearer}(${upTo} - ${value}, ${bound}))`;
    };
    const up = side(`greatest(m${m}, 0)`, high > 0n ? high : 0n, "least");
    const down = side(`least(m${m}, 0)`, low < 0n ? low : 0n, "greatest");
    return `(${up} + ${down})::bigint as m${m}`;
  });
  return `select ${["who", "slot", "t", ...clipped].join(", ")} from ${KEPT}`;
}

interface Slots {
  readonly max: number;
  /** Which of a person's rows stay if there are more than `max`. */
  readonly keep: "first" | "last";
  readonly order: readonly string[];
}

/** Gives each person's rows slots in that order and leaves out those beyond `max`. Returns how many were left out. */
async function keepSlots(
  engine: Engine,
  table: string,
  rows: string,
  { max, keep, order }: Slots,
  blame: Blame,
): Promise<number> {
  const direction = keep === "first" ? "asc" : "desc";
  const rank = `row_number() over (partition by who order by ${order.map((by) => `${by} ${direction}`).join(", ")}) - 1`;
  const slot = keep === "first" ? "rank" : `least(total, ${max}) - 1 - rank`;
  await engine.run(
    `create table ${table} as select * exclude (rank, place), (${slot})::integer as slot from (
       select r.*, ${rank} as rank, count(*) over (partition by who) as total
       from (${rows}) r semi join ${NUMBERED} n on n.who = r.who)
     where rank < ${max}`,
    blame,
  );
  const [[lost] = []] = await engine.rows(
    `select coalesce(sum(greatest(total - ${max}, 0)), 0)::bigint from ${table} where slot = 0`,
    blame,
  );
  return Number(lost);
}
