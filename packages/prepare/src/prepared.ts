// A dataset's people as arrays: what the protocol works on, before either role's shape is made of it.
import { createHash } from "node:crypto";
import type { DuckDBBlobValue, DuckDBDataChunk } from "@duckdb/node-api";
import type { Dataset } from "./dataset/schema.ts";
import { planOf, type Plan, type PrepareRequest } from "./dataset/request.ts";
import { Engine, type Blame, type EngineOptions } from "./engine/engine.ts";
import { InputError } from "./errors.ts";
import { DIGEST_BYTES } from "./identifiers/hashed.ts";
import { keyLabel } from "./identifiers/key.ts";
import { Reasons } from "./rows/faults.ts";
import { cellsOf, groupPeople, PEOPLE, type MergeCounts } from "./rows/people.ts";
import { STAGED, Stager } from "./rows/stage.ts";
import { placeOf, tallyRows } from "./rows/tally-rows.ts";
import { openSource } from "./sources/open.ts";
import type { Part } from "./sources/part.ts";
import { rowCounts, type DroppedRows, type RowCounts } from "./tally.ts";

export interface PrepareOptions extends EngineOptions {
  /** The owner's own filter for this report, an SQL condition; never a partner's text. */
  readonly where?: string | undefined;
}

/** Longest label in bytes of UTF-8. */
const LABEL_BYTES_MAX = 1024;
/** Far more tuples of labels than any report may have: a sign that an identifier was made a dimension. */
const CELLS_MAX = 1 << 20;

/** One way of telling people apart. */
export interface PeopleInCells {
  readonly groupBy: readonly string[];
  /** Each person's index into `labels`. */
  readonly cells: Uint32Array;
  /** The distinct label tuples that occur, sorted. */
  readonly labels: string[][];
}

export interface PreparedPeople {
  readonly count: number;
  /** The label of each key, in the order of the request. */
  readonly keys: readonly string[];
  /** people x keys x 32 bytes, sorted; zeros where a person lacks a key. */
  readonly digests: Uint8Array;
  /** For each person the keys that they have, bit k for key k. */
  readonly present: Uint8Array;
  /** One array per measure: a clipped value per person, scaled by 10^decimals. */
  readonly measures: BigInt64Array[];
  /** In the order of the request. */
  readonly partitions: readonly PeopleInCells[];
  readonly counts: RowCounts;
  readonly dropped: readonly DroppedRows[];
  readonly merges: MergeCounts;
  /** SHA-256 of all of the above that enters a session; the same for the same people, from wherever, in any order. */
  readonly digest: Uint8Array;
}

/** What a check looks at while the tables are still there. */
export interface Inspection {
  readonly engine: Engine;
  readonly plan: Plan;
  readonly parts: readonly Part[];
  readonly blame: Blame;
}

export interface Inspector {
  /** With the staged rows. */
  rows(inspection: Inspection): Promise<void>;
  /** With the people. */
  people(inspection: Inspection): Promise<void>;
}

/** Reads, filters and groups a dataset. Throws `InputError`; leaves nothing behind either way. */
export async function preparePeople(
  dataset: Dataset,
  request: PrepareRequest,
  options: PrepareOptions = {},
  inspector?: Inspector,
): Promise<PreparedPeople> {
  const plan = planOf(dataset, request);
  const engine = await Engine.open(options);
  try {
    const { parts, assertUnchanged } = await openSource(engine, dataset);
    const reasons = new Reasons();
    const blame: Blame = {
      code: "expression",
      file: `dataset ${dataset.name}`,
      remedy: "A value does not fit an expression of the dataset: use try_cast in it.",
    };
    await new Stager(engine, plan, reasons, options.where).stage(parts);
    await assertUnchanged();
    await assertLabels(engine, plan, parts, blame);
    const { rows, filtered, dropped } = await tallyRows(engine, reasons, parts, blame);
    const inspection = { engine, plan, parts, blame };
    await inspector?.rows(inspection);
    const merges = await groupPeople(engine, plan, blame);
    await inspector?.people(inspection);
    const lost = Number(merges.lostRows);
    const allDropped =
      lost === 0
        ? dropped
        : [...dropped, { reason: "identifiers of several people", rows: lost, examples: [] }];
    const arrays = await fetchPeople(engine, plan, blame);
    const counts = rowCounts(rows, arrays.count, filtered, allDropped);
    return { ...arrays, counts, dropped: allDropped, merges };
  } finally {
    await engine.close();
  }
}

async function assertLabels(engine: Engine, plan: Plan, parts: readonly Part[], blame: Blame): Promise<void> {
  for (const [d, { name, pick }] of plan.dimensions.entries()) {
    if (pick === "sum") continue;
    const [[ord] = []] = await engine.rows(
      `select min(ord) from ${STAGED} where fault = 0 and strlen(d${d}) > ${LABEL_BYTES_MAX}`,
      blame,
    );
    if (typeof ord !== "bigint") continue;
    const remedy = "Shorten it, or group by another column.";
    throw new InputError("label", { ...placeOf(ord, parts), field: name, remedy });
  }
}

type Arrays = Omit<PreparedPeople, "counts" | "dropped" | "merges">;

async function fetchPeople(engine: Engine, plan: Plan, blame: Blame): Promise<Arrays> {
  const { keys, measures, dimensions, partitions } = plan;
  const [[people] = []] = await engine.rows(`select count(*) from ${PEOPLE}`, blame);
  const count = Number(people);
  const labels: string[][][] = [];
  for (const p of partitions.keys()) labels.push(await fetchLabels(engine, plan, p, blame));
  const digests = new Uint8Array(count * keys.length * DIGEST_BYTES);
  const present = new Uint8Array(count);
  const values = measures.map(() => new BigInt64Array(count));
  const cells = partitions.map(() => new Uint32Array(count));
  const columns = [
    ...keys.map((_, k) => `i${k}`),
    ...measures.map((_, m) => `m${m}`),
    ...partitions.map((_, p) => `cell${p}`),
  ];
  const order = keys.map((_, k) => `i${k} nulls last`).join(", ");
  let person = 0;
  for await (const chunk of engine.chunks(
    `select ${columns.join(", ")} from ${PEOPLE} order by ${order}`,
    blame,
  )) {
    for (const k of keys.keys()) copyDigests(chunk, k, person, keys.length, digests, present);
    values.forEach((target, m) => target.set(numbers<BigInt64Array>(chunk, keys.length + m), person));
    cells.forEach((target, p) =>
      target.set(numbers<Int32Array>(chunk, keys.length + values.length + p), person),
    );
    person += chunk.rowCount;
  }
  const inCells = partitions.map((indices, p) => ({
    groupBy: indices.map((d) => dimensions[d]!.name),
    cells: cells[p]!,
    labels: labels[p]!,
  }));
  const arrays = { count, keys: keys.map(keyLabel), digests, present, measures: values, partitions: inCells };
  const names = measures.map(({ name, decimals }) => [name, decimals]);
  return { ...arrays, digest: digestOfPeople(arrays, names) };
}

async function fetchLabels(
  engine: Engine,
  { partitions, dataset }: Plan,
  partition: number,
  blame: Blame,
): Promise<string[][]> {
  const table = cellsOf(partition);
  const [[cells] = []] = await engine.rows(`select count(*) from ${table}`, blame);
  if ((cells as bigint) > CELLS_MAX) {
    const remedy = `There are ${String(cells)}, at most ${CELLS_MAX} are read: take coarser dimensions.`;
    throw new InputError("cells", { file: `dataset ${dataset.name}`, remedy });
  }
  // As bytes: the driver's text decoder would swallow a leading U+FEFF.
  const labels = partitions[partition]!.map((d) => `encode(d${d})`);
  const rows = await engine.rows(
    `select ${labels.length === 0 ? "1" : labels.join(", ")} from ${table}
     where exists (from ${PEOPLE}) order by number`,
    blame,
  );
  return rows.map((row) =>
    labels.map((_, d) => Buffer.from((row[d] as DuckDBBlobValue).bytes).toString("utf8")),
  );
}

function copyDigests(
  chunk: DuckDBDataChunk,
  key: number,
  person: number,
  keys: number,
  digests: Uint8Array,
  present: Uint8Array,
): void {
  const column = chunk.getColumnVector(key);
  for (let row = 0; row < chunk.rowCount; row++) {
    const value = column.getItem(row) as DuckDBBlobValue | null;
    if (value === null) continue;
    digests.set(value.bytes, ((person + row) * keys + key) * DIGEST_BYTES);
    present[person + row]! |= 1 << key;
  }
}

/** The numbers of a column without NULLs, as the engine holds them. */
function numbers<T extends BigInt64Array | Int32Array>(chunk: DuckDBDataChunk, column: number): T {
  const { items } = chunk.getColumnVector(column) as unknown as { items: T };
  return items.subarray(0, chunk.rowCount) as T;
}

function digestOfPeople(people: Omit<Arrays, "digest">, names: unknown): Uint8Array {
  const { keys, digests, present, measures, partitions } = people;
  const labels = partitions.map((partition) => [partition.groupBy, partition.labels]);
  const hash = createHash("sha256").update(JSON.stringify(["halfroom dataset 2", keys, names, labels]));
  const columns: (Uint8Array | BigInt64Array | Uint32Array)[] = [
    digests,
    present,
    ...measures,
    ...partitions.map(({ cells }) => cells),
  ];
  // Lengths follow from the header and the number of people.
  hash.update(Uint8Array.from(Buffer.from(`\n${people.count}\n`)));
  for (const column of columns) {
    for (let start = 0; start < column.byteLength; start += HASH_BYTES) {
      const bytes = Math.min(HASH_BYTES, column.byteLength - start);
      hash.update(new Uint8Array(column.buffer, column.byteOffset + start, bytes));
    }
  }
  return hash.digest();
}

/** Hash in pieces: one update takes at most 2 GiB. */
const HASH_BYTES = 1 << 28;
