// The engine's tables of people as columns, in the order of their digests: what the protocol works on.
import type { DuckDBBlobValue, DuckDBDataChunk } from "@duckdb/node-api";
import {
  columnOfLongs,
  columnOfWords,
  constantColumn,
  wordsOfNumbers,
  type Column,
  type RecordStore,
  type StoredRecords,
} from "@halfroom/crypto";
import type { Plan } from "../dataset/request.ts";
import type { Blame, Engine } from "../engine/engine.ts";
import { DIGEST_BYTES } from "../identifiers/hashed.ts";
import { keyLabel } from "../identifiers/rules.ts";
import { cellColumn, joinCells, numberCells } from "../rows/cells.ts";
import { numberPeople, peopleOrder } from "../rows/entries.ts";
import { EVERYBODY, PEOPLE } from "../rows/people.ts";
import { STAGED } from "../rows/stage.ts";
import { fetchEntries, type PeopleInEntries } from "./fetch-entries.ts";
import { fetchEvents, type PeoplesEvents } from "./fetch-events.ts";
import { numbers } from "./numbers.ts";
import { assertHeld } from "./room.ts";

const DIGEST_WORDS = DIGEST_BYTES / 4;

/** One way of dividing people. */
export interface PeopleInCells {
  readonly groupBy: readonly string[];
  /** Each person's index into `labels`; for people with several cells, the first. */
  readonly cells: Column<Uint32Array>;
  /** The distinct label tuples that occur, sorted. */
  readonly labels: string[][];
}

/** Everybody in a dataset, whom the report's filter keeps or not; all in the order of people. */
interface Everybody extends Pick<PeopleColumns, "count" | "keys" | "digests" | "present"> {
  /** 1 for each person of the report. */
  readonly inside: Uint8Array;
}

export interface PeopleColumns {
  readonly count: number;
  /** The label of each key, in the order of the request. */
  readonly keys: readonly string[];
  /** A record a person, keys x 32 bytes, sorted; zeros where a person lacks a key. */
  readonly digests: StoredRecords;
  /** For each person the keys that they have, bit k for key k. */
  readonly present: Uint8Array;
  /** Undefined if the report's filter leaves nobody out. */
  readonly everybody: Everybody | undefined;
  /** One column per measure: a clipped value per person, scaled by 10^decimals. */
  readonly measures: readonly Column<BigInt64Array>[];
  /** In the order of the request. */
  readonly partitions: readonly PeopleInCells[];
  /** If the request asks for several entries per person. */
  readonly entries: PeopleInEntries | undefined;
  /** If the request asks for events. */
  readonly events: PeoplesEvents | undefined;
}

/** Drops the staged rows on the way, as soon as nothing needs them. `outside`: people whom the report's filter leaves out. */
export async function fetchPeople(
  engine: Engine,
  plan: Plan,
  outside: bigint,
  records: RecordStore,
  blame: Blame,
): Promise<PeopleColumns> {
  const [[people] = []] = await engine.rows(`select count(*) from ${PEOPLE}`, blame);
  const count = Number(people);
  assertHeld(count + Number(outside), plan.keys.length, plan.dataset.name);
  if (plan.entries !== undefined || plan.events !== undefined) await numberPeople(engine, plan, blame);
  const entries = await fetchEntries(engine, plan, count, records, blame);
  const events = await fetchEvents(engine, plan, count, records, blame);
  await engine.run(`drop table ${STAGED}`, blame);
  const single = entries === undefined ? plan.partitions : [];
  const labels: string[][][] = [];
  for (const p of single.keys()) labels.push(await numberCells(engine, plan, p, PEOPLE, blame));
  const { cells, ...columns } = await fetchColumns(engine, plan, count, single, records, blame);
  const inCells = single.map((_, p) => ({ cells: cells[p]!, labels: labels[p]! }));
  const inEntries = entries?.partitions.map((of) => ({ cells: of.slots[0]!, labels: of.labels }));
  const groupings = inEntries ?? inCells;
  const partitions = plan.partitions.map((indices, p) => ({
    groupBy: indices.map((d) => plan.dimensions[d]!.name),
    cells: groupings[p]!.cells,
    labels: groupings[p]!.labels,
  }));
  const everybody =
    outside === 0n ? undefined : await fetchEverybody(engine, plan, count + Number(outside), records, blame);
  return { count, keys: plan.keys.map(keyLabel), ...columns, everybody, partitions, entries, events };
}

async function fetchEverybody(
  engine: Engine,
  plan: Plan,
  count: number,
  records: RecordStore,
  blame: Blame,
): Promise<Everybody> {
  const { keys } = plan;
  const digests = records.records(keys.length * DIGEST_WORDS);
  const present = new Uint8Array(count);
  const inside = new Uint8Array(count);
  const columns = [...keys.map((_, k) => `i${k}`), "inside::integer"];
  const rows = `select ${columns.join(", ")} from ${EVERYBODY} order by ${peopleOrder(plan)}`;
  let person = 0;
  for await (const chunk of engine.chunks(rows, blame)) {
    digests.append(digestsOf(chunk, keys.length, present.subarray(person)));
    await digests.settled();
    inside.set(numbers<Int32Array>(chunk, keys.length), person);
    person += chunk.rowCount;
  }
  await engine.run(`drop table ${EVERYBODY}`, blame);
  return { count, keys: keys.map(keyLabel), digests, present, inside };
}

async function fetchColumns(
  engine: Engine,
  plan: Plan,
  count: number,
  partitions: Plan["partitions"],
  records: RecordStore,
  blame: Blame,
) {
  const { keys } = plan;
  const digests = records.records(keys.length * DIGEST_WORDS);
  const present = new Uint8Array(count);
  const measures = plan.measures.map(() => records.records(2));
  // Without dimensions everybody is in the only cell.
  const divided = [...partitions.keys()].filter((p) => partitions[p]!.length > 0);
  const cells = divided.map(() => records.records(1));
  const columns = [
    ...keys.map((_, k) => `i${k}`),
    ...measures.map((_, m) => `m${m}`),
    ...divided.map((p) => cellColumn(p)),
  ];
  const joins = divided.map((p) => joinCells(plan, p, "p"));
  const rows = `select ${columns.join(", ")} from ${PEOPLE} p ${joins.join(" ")} order by ${peopleOrder(plan)}`;
  let person = 0;
  for await (const chunk of engine.chunks(rows, blame)) {
    digests.append(digestsOf(chunk, keys.length, present.subarray(person)));
    measures.forEach((column, m) =>
      column.append(wordsOfNumbers(numbers<BigInt64Array>(chunk, keys.length + m))),
    );
    cells.forEach((column, i) =>
      column.append(wordsOfNumbers(numbers<Int32Array>(chunk, keys.length + measures.length + i))),
    );
    for (const column of [digests, ...measures, ...cells]) await column.settled();
    person += chunk.rowCount;
  }
  const ofPartitions = partitions.map((_, p) =>
    divided.includes(p)
      ? columnOfWords(cells[divided.indexOf(p)]!)
      : constantColumn(count, (people) => new Uint32Array(people)),
  );
  return { digests, present, measures: measures.map(columnOfLongs), cells: ofPartitions };
}

/** Digests of a chunk's people, which its first columns hold, and in `present` which of them there are. */
function digestsOf(chunk: DuckDBDataChunk, keys: number, present: Uint8Array): Uint32Array {
  const words = new Uint32Array(chunk.rowCount * keys * DIGEST_WORDS);
  const bytes = new Uint8Array(words.buffer);
  for (let key = 0; key < keys; key++) {
    const column = chunk.getColumnVector(key);
    for (let row = 0; row < chunk.rowCount; row++) {
      const value = column.getItem(row) as DuckDBBlobValue | null;
      if (value === null) continue;
      bytes.set(value.bytes, (row * keys + key) * DIGEST_BYTES);
      present[row]! |= 1 << key;
    }
  }
  return words;
}
