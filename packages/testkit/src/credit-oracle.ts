// Attribution and lift in plain SQL: DuckDB on the two files, event by event, sharing no code with prepare or protocol.
import { DuckDBInstance } from "@duckdb/node-api";

export interface CreditQuery {
  /** The sender's columns are email, at (a timestamp in UTC) and these, with whole numbers. */
  readonly measures: readonly string[];
  /** The receiver's columns are email, at and others, including these. */
  readonly groupBy: readonly string[];
  /** How many of a person's events count (the latest), and how many entries (the latest or the first). */
  readonly events: number;
  readonly entries: number;
  readonly keep: "first" | "last";
  /** 0 for any time. */
  readonly windowSeconds: number;
}

export interface CreditCell {
  readonly labels: string[];
  /** Each person once, with the entry of their first credited event. */
  readonly people: bigint;
  readonly sums: bigint[];
  /** For each measure the squares of what each person adds to the sum, added up. */
  readonly squares: bigint[];
  /** As `people`, for each measure: of events whose value is not 0. */
  readonly contributors: bigint[];
  /** The receiver's people with an entry in the cell, matched or not. */
  readonly base: bigint;
}

/** All cells of the receiver, sorted by their labels. */
export async function plainCredit(
  senderFile: string,
  receiverFile: string,
  query: CreditQuery,
): Promise<CreditCell[]> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    await connection.run(eventsTable(senderFile, query));
    await connection.run(touchesTable(receiverFile, query));
    await connection.run(creditedTable(query));
    const { measures, groupBy } = query;
    const labels = groupBy.join(", ");
    const totals = measures.map((_, m) => `coalesce(sum(c.v${m}), 0)::bigint as v${m}`);
    const counts = measures.map((_, m) => `count(*) filter (c.contributor${m}) as c${m}`);
    const sums = measures.map((_, m) => `sum(v${m})::bigint`);
    const squares = measures.map((_, m) => `sum(v${m} * v${m})::bigint`);
    const contributors = measures.map((_, m) => `sum(c${m})::bigint`);
    const reader = await connection.runAndReadAll(
      `with people as (
         select ${["email", labels, "count(*) filter (c.first) as first", ...totals, ...counts].join(", ")}
         from touches t left join credited c using (email, touch) group by email, ${labels})
       select ${[labels, "sum(first)::bigint", ...sums, ...squares, ...contributors, "count(*)::bigint"].join(", ")}
       from people group by ${labels} order by ${labels}`,
    );
    return reader.getRows().map((row) => {
      const numbers = row.slice(groupBy.length) as bigint[];
      return {
        labels: row.slice(0, groupBy.length) as string[],
        people: numbers[0]!,
        sums: numbers.slice(1, 1 + measures.length),
        squares: numbers.slice(1 + measures.length, 1 + 2 * measures.length),
        contributors: numbers.slice(1 + 2 * measures.length, 1 + 3 * measures.length),
        base: numbers.at(-1)!,
      };
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const csv = (file: string) =>
  `(select row_number() over () as line, * from read_csv('${file}', header = true, all_varchar = true, parallel = false))`;

function eventsTable(file: string, { measures, events }: CreditQuery): string {
  const values = measures.map((name, m) => `${name}::bigint as v${m}`);
  return `create table events as
    select email, epoch("at"::timestamp)::bigint as t, line, ${["1 as one", ...values].join(", ")} from ${csv(file)}
    qualify row_number() over (partition by email order by t desc, line desc) <= ${events}`;
}

/** Rows with the same labels and the same time are one touch. */
function touchesTable(file: string, { groupBy, entries, keep }: CreditQuery): string {
  const order = keep === "last" ? "t desc, line desc" : "t, line";
  return `create table touches as
    select *, row_number() over (partition by email order by t, line) as touch from (
      select email, epoch("at"::timestamp)::bigint as t, ${groupBy.join(", ")}, max(line) as line from ${csv(file)}
      group by all)
    qualify row_number() over (partition by email order by ${order}) <= ${entries}`;
}

function creditedTable({ measures, windowSeconds }: CreditQuery): string {
  const inWindow = windowSeconds === 0 ? "true" : `e.t - t.t <= ${windowSeconds}`;
  const firstOf = (set: string) =>
    `row_number() over (partition by email, ${set} order by t, line) = 1 and ${set}`;
  const contributors = measures.map((_, m) => `${firstOf(`v${m} <> 0`)} as contributor${m}`);
  // The last touch that is not after the event; only that one is checked against the window.
  return `create table credited as
    with last as (
      select e.*, t.touch, ${inWindow} as good from events e join touches t on t.email = e.email and t.t <= e.t
      qualify row_number() over (partition by e.email, e.t, e.line order by t.t desc, t.line desc) = 1)
    select *, ${[`${firstOf("one = 1")} as first`, ...contributors].join(", ")} from last where good`;
}
