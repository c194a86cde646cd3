import type { DatasetCheck } from "@halfroom/prepare";
import { formatDecimal, parseDecimal } from "@halfroom/report";
import {
  readDefinition as readDefinitionFile,
  writtenDataset as writtenInConfig,
} from "../config/definition.ts";
import { addDataset as addToConfig, removeDataset as removeFromConfig } from "../config/edit.ts";
import { quoted } from "@halfroom/wire/words";
import type { DatasetConfig } from "../config/schema.ts";
import { checkNodeDataset } from "../datasets/check-dataset.ts";
import { OperatorError } from "../errors.ts";
import { THRESHOLD_DEFAULT } from "../request/schema.ts";
import { nodeFolder } from "../store/folder.ts";
import { inWords, withState, type HalfroomNode } from "./node.ts";

/** csv, ndjson or parquet by the ending of a file's name; undefined for an ending that says nothing. */
export { kindOfFile } from "@halfroom/prepare";

/** Whether a path means objects of a store, `s3://bucket/key`; and a path from a folder on, which such a name is not. */
export { isRemote, placedPath } from "@halfroom/prepare";

/** The definition of a dataset as an entry of `datasets:` in config.yaml writes it. */
export type DatasetDefinition = Readonly<Record<string, unknown>>;

export interface DatasetRecord {
  readonly name: string;
  /** csv, ndjson, parquet, sqlite, postgres or mysql. */
  readonly source: string;
  /** Names of its match keys. */
  readonly keys: readonly string[];
  readonly dimensions: readonly string[];
  readonly measures: readonly string[];
  /** Datasets over the same people share a budget. */
  readonly population: string;
}

/**
 * Adds a dataset to the node's settings; nothing is read yet, and no partner may use it until a policy says so.
 * Rejects with OperatorError `name`, `name-taken`, `definition`, `settings`.
 */
export async function addDataset(
  node: HalfroomNode,
  name: string,
  definition: DatasetDefinition,
): Promise<void> {
  await withState(node, async ({ folder, audit, clock }) => {
    await addToConfig(folder, name, definition);
    audit.append("config-changed", { dataset: name }, clock.now());
  });
}

/**
 * Reads a definition from a YAML file; relative paths in it start at the file's own folder and come back absolute.
 * Rejects with OperatorError `file` or `yaml`.
 */
export async function readDefinition(file: string): Promise<DatasetDefinition> {
  return await inWords(() => readDefinitionFile(file));
}

/**
 * The definition of a dataset as the settings in `folder` write it, with absolute paths; undefined if there is none of that
 * name. The node is not opened. Rejects with OperatorError `folder` or `settings`.
 */
export async function writtenDataset(
  folder: string | undefined,
  name: string,
): Promise<DatasetDefinition | undefined> {
  return await inWords(() => writtenInConfig(nodeFolder(folder), name));
}

export async function listDatasets(node: HalfroomNode): Promise<DatasetRecord[]> {
  return await withState(node, async ({ rules }) => {
    const { datasets } = await rules();
    return Object.entries(datasets).map(([name, dataset]) => recordOf(name, dataset));
  });
}

/**
 * Takes a dataset out of the settings; its data stays where it is. Returns the partners whose policies still name it, which
 * then allow nothing. Rejects with OperatorError `no-dataset`.
 */
export async function removeDataset(node: HalfroomNode, name: string): Promise<string[]> {
  return await withState(node, async ({ folder, audit, clock }) => {
    const partners = await removeFromConfig(folder, name);
    audit.append("config-changed", { dataset: name, removed: true }, clock.now());
    return partners;
  });
}

export interface DatasetQuestion {
  /** Names of keys; by default the first three that are declared. */
  readonly match?: readonly string[] | undefined;
  /** Bounds that a report would have, as decimal numbers; other measures are looked at without bounds. */
  readonly measures?: readonly {
    readonly name: string;
    readonly decimals: number;
    readonly low: string;
    readonly high: string;
  }[];
  /** Lists of dimensions whose cells are counted; by default all of them together. */
  readonly partitions?: readonly (readonly string[])[] | undefined;
  /** Smallest number of people in a released cell; 100 by default. */
  readonly threshold?: number;
  /** A report's own filter, in SQL. */
  readonly where?: string | undefined;
}

type MeasureCheck = DatasetCheck["measures"][number];

/** What a report would find; amounts are decimal numbers in text, so that no reader rounds them. */
export interface DatasetFindings extends Omit<DatasetCheck, "measures" | "moments"> {
  /** Why no report can use the data as it was asked about; empty if one can. */
  readonly problems: readonly string[];
  readonly measures: readonly (Omit<MeasureCheck, "quantiles" | "low" | "high"> & {
    /** Of people's sums before clipping. */
    readonly quantiles: Readonly<Record<"min" | "p1" | "median" | "p99" | "max", string>>;
    readonly bounds: { readonly low: string; readonly high: string } | null;
  })[];
  readonly moments: NonNullable<DatasetCheck["moments"]> | null;
}

/**
 * Reads a dataset, which may take long, and says what a report would find: people, dropped rows, cells, bounds. Nothing is
 * kept, and nothing leaves this machine. Rejects with OperatorError `no-dataset`, `flags` for bounds that are no numbers, and
 * `data-` codes for the source.
 */
export async function checkDataset(
  node: HalfroomNode,
  name: string,
  { measures = [], threshold = THRESHOLD_DEFAULT, ...question }: DatasetQuestion = {},
): Promise<DatasetFindings> {
  const bounded = measures.map(({ name: measure, decimals, low, high }) => {
    return { name: measure, decimals, bounds: { low: scaled(low, decimals), high: scaled(high, decimals) } };
  });
  return await withState(node, async (state) =>
    findingsOf(await checkNodeDataset(state, name, { ...question, measures: bounded, threshold })),
  );
}

function scaled(bound: string, decimals: number): bigint {
  const value = parseDecimal(bound, decimals);
  if (value !== undefined) return value;
  throw new OperatorError("flags", `A bound must be a number with at most ${decimals} decimals.`);
}

function findingsOf({ measures, moments, ...rest }: DatasetCheck): DatasetFindings {
  return {
    ...rest,
    measures: measures.map(({ quantiles, low, high, ...measure }) => {
      const text = (value: bigint) => formatDecimal(value, measure.decimals);
      const [min, p1, median, p99, max] = quantiles;
      return {
        ...measure,
        quantiles: { min: text(min), p1: text(p1), median: text(median), p99: text(p99), max: text(max) },
        bounds: low === undefined || high === undefined ? null : { low: text(low), high: text(high) },
      };
    }),
    moments: moments ?? null,
    problems: problemsOf({ measures, moments, ...rest }),
  };
}

function problemsOf({ people, optedOut, rows, measures }: DatasetCheck): string[] {
  const nobody = people > optedOut ? [] : [`Of ${rows} rows nobody is left whom a report could count.`];
  const tooFine = measures.filter(({ tooFineRows }) => tooFineRows > 0);
  return [
    ...nobody,
    ...tooFine.map(
      ({ name, decimals, tooFineRows }) =>
        `The measure ${quoted(name)} has ${tooFineRows} rows with more than ${decimals} decimals, which are left out with their people: ` +
        "ask for more decimals, or declare it with round.",
    ),
  ];
}

function recordOf(
  name: string,
  { definition, population, dimensions, measures }: DatasetConfig,
): DatasetRecord {
  const [source = ""] = Object.keys(definition.source);
  return { name, source, keys: Object.keys(definition.match), dimensions, measures, population };
}
