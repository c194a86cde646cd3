// Where people are in this node's datasets: people who opted out, or who ask what is held of them.
import {
  allRows,
  packRows,
  piecesOf,
  rowAt,
  rowCount,
  type ByteRows,
  type Column,
  type RowSource,
} from "@halfroom/crypto";
import {
  InputError,
  KEYS_MAX,
  LACKING,
  prepareReceiverDataset,
  prepareSenderDataset,
  type Dataset,
  type EncodedItems,
} from "@halfroom/prepare";
import type { DatasetConfig } from "../config/schema.ts";
import type { NodeState } from "../node-state.ts";
import { identifiersOf, type OptOutFile } from "./opt-outs.ts";
import { withRecords } from "../store/records.ts";
import { pickedRows } from "./picked-rows.ts";
import { placed } from "./prepare-dataset.ts";
import { rowsOfPeople } from "./rows-of-people.ts";

/** Rows of a dataset that one key finds. */
export interface FoundRows {
  readonly key: string;
  readonly people: number;
  readonly rows: number;
  /** In how many of these rows each declared column has a value. */
  readonly columns: Readonly<Record<string, number>>;
}

/** More rows than one person has. */
const ROWS_MAX = 10n ** 12n;
const ALL = "rows";

type Place = Pick<NodeState, "folder" | "scratch">;

/** The rows of the people in the list, by each key of the dataset that the list has; rows that the dataset's own filter leaves out too. */
export async function findRows(node: Place, dataset: DatasetConfig, list: OptOutFile): Promise<FoundRows[]> {
  const definition = placed(node.folder, dataset);
  const found: FoundRows[] = [];
  for (const [key, wanted] of await wantedIn(node, definition, list)) {
    const columns = columnsOf(definition);
    const present = Object.fromEntries(columns.map(([name, sql]) => [`has ${name}`, counted(sql)]));
    const counting = { ...plain(definition, [key]), measures: { [ALL]: counted("TRUE"), ...present } };
    const measures = Object.keys(counting.measures).map((name) => {
      return { name, low: 0n, high: ROWS_MAX, decimals: 0, squares: false };
    });
    const request = { match: [key], measures, dimensions: [] };
    const { sums, people } = await withRecords(node.scratch, async (records) => {
      const options = { scratch: await node.scratch.open(), records };
      const prepared = await prepareSenderDataset(counting, request, options);
      const persons = await indicesOf(prepared.identifiers, wanted);
      const ofThem = prepared.measures.map((values) => sumAt(values, persons));
      return { sums: await Promise.all(ofThem), people: persons.length };
    });
    const [rows, ...ofColumns] = sums;
    found.push({
      key,
      people,
      rows: rows!,
      columns: Object.fromEntries(columns.map(([name], i) => [name, ofColumns[i]!])),
    });
  }
  return found;
}

/** Over these people, ascending: they are few. */
async function sumAt(values: Column<BigInt64Array>, people: Uint32Array): Promise<number> {
  let sum = 0n;
  for (const person of people) sum += (await values.read(person, person + 1))[0]!;
  return Number(sum);
}

/** All items, under every key and set of keys, of those people in the dataset whom the list names by any of them. */
export async function itemsOfListed(
  node: Place,
  dataset: DatasetConfig,
  list: OptOutFile,
): Promise<ByteRows> {
  const definition = placed(node.folder, dataset);
  const wanted = await wantedIn(node, definition, list);
  if (wanted.size === 0) return packRows([]);
  const match = Object.keys(definition.match).slice(0, KEYS_MAX);
  const request = { match, partitions: [] };
  const all = { ...plain(definition, match), person: definition.person };
  return await withRecords(node.scratch, async (records) => {
    const options = { scratch: await node.scratch.open(), records };
    return await itemsOf(await prepareReceiverDataset(all, request, options), 2 ** match.length - 1, wanted);
  });
}

async function itemsOf(
  data: EncodedItems,
  each: number,
  wanted: ReadonlyMap<string, ByteRows>,
): Promise<ByteRows> {
  const listed = new Set<number>();
  const { identifiers } = data;
  for (const rows of wanted.values()) for (const row of await indicesOf(identifiers, rows)) listed.add(row);
  const isTheirs = new Uint8Array(identifiers.count);
  for await (const { rows } of rowsOfPeople(data, each)) {
    for (let item = 0; item < rows.length; item += each) {
      const own = rows.subarray(item, item + each).filter((row) => row !== LACKING);
      if (own.some((row) => listed.has(row))) for (const row of own) isTheirs[row] = 1;
    }
  }
  return await pickedRows(identifiers, isTheirs);
}

/** The list's identifiers under the dataset's own rules, for each of its keys that the list has. */
async function wantedIn(
  node: Place,
  { match }: Dataset,
  list: OptOutFile,
): Promise<ReadonlyMap<string, ByteRows>> {
  const wanted = new Map<string, ByteRows>();
  const isNamed = (key: string) => list.columns.size === 0 || list.columns.has(key);
  for (const [key, rules] of Object.entries(match).filter(([name]) => isNamed(name))) {
    const read = await identifiersOf(list, key, rules, await node.scratch.open());
    if (read !== undefined) wanted.set(key, await allRows(read.identifiers));
  }
  return wanted;
}

/** The dataset with these keys and nothing that leaves rows out. */
function plain(definition: Dataset, keys: readonly string[]): Dataset {
  const { source, name, columns, zone, nullWords } = definition;
  const match = Object.fromEntries(keys.map((key) => [key, definition.match[key]!]));
  return { name, source, columns, zone, nullWords, match, dimensions: {}, measures: {} };
}

/** Every column that the definition declares, or expression by its name, and SQL that is NULL where it has no value. */
function columnsOf({ match, dimensions, measures, person, time }: Dataset): (readonly [string, string])[] {
  const named = [
    ...Object.values(match).flatMap(({ columns }) => columns),
    ...(person === undefined ? [] : [person]),
    ...[...Object.entries(dimensions), ...Object.entries(measures)].flatMap(
      ([name, { column, expression }]) => (expression === undefined ? [column ?? name] : []),
    ),
    ...(time?.column === undefined ? [] : [time.column]),
  ];
  const written = [...Object.entries(dimensions), ...Object.entries(measures)].flatMap(
    ([name, { expression }]) => (expression === undefined ? [] : [[name, `(${expression})`] as const]),
  );
  const column = (name: string) => `nullif(trim(CAST("${name.replaceAll('"', '""')}" AS VARCHAR)), '')`;
  return [...[...new Set(named)].map((name) => [name, column(name)] as const), ...written];
}

function counted(sql: string): Dataset["measures"][string] {
  return { expression: `CASE WHEN ${sql} IS NULL THEN 0 ELSE 1 END`, null: "zero", round: false };
}

/** Of the rows that are among the wanted ones, ascending. */
async function indicesOf(source: RowSource, wanted: ByteRows): Promise<Uint32Array> {
  const text = (of: ByteRows, row: number) => Buffer.from(rowAt(of, row)).toString("latin1");
  const set = new Set(Array.from({ length: rowCount(wanted) }, (_, row) => text(wanted, row)));
  const found: number[] = [];
  for await (const { start, rows } of piecesOf(source))
    for (let i = 0; i < rowCount(rows); i++) if (set.has(text(rows, i))) found.push(start + i);
  return Uint32Array.from(found);
}

/** Does `work` for each dataset. Returns the names of those whose data cannot be read at the moment. */
export async function eachDataset(
  datasets: Readonly<Record<string, DatasetConfig>>,
  work: (name: string, dataset: DatasetConfig) => Promise<void>,
): Promise<string[]> {
  const unreadable: string[] = [];
  for (const [name, dataset] of Object.entries(datasets)) {
    try {
      await work(name, dataset);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      unreadable.push(name);
    }
  }
  return unreadable;
}
