// The receiver's half of design section 2.1: one row per person, each in one cell of every partition.
import { systemRng, type ByteRows, type Rng } from "@halfroom/crypto";
import { csvDataset } from "./dataset/csv-dataset.ts";
import type { Dataset } from "./dataset/schema.ts";
import { encodeItems, perItem } from "./keys/items.ts";
import { preparePeople, type PrepareOptions, type PreparedPeople } from "./prepared.ts";
import type { RowCounts } from "./tally.ts";

/** One group-by of a report (design section 2.4). */
export interface Partition {
  readonly groupBy: readonly string[];
  /** Each identifier's person's index into `labels`. */
  readonly cells: Uint32Array;
  /** The distinct label tuples that occur, one label for each grouping column, sorted. */
  readonly labels: string[][];
  /** How many people there are in each cell, whoever the partner has: the owner's alone. */
  readonly base: Uint32Array;
}

export interface PreparedReceiver extends RowCounts {
  /** One encoded identifier per person and non-empty set of match keys, all distinct; with one key, one a person. */
  readonly identifiers: ByteRows;
  /** In the order of the request. */
  readonly partitions: readonly Partition[];
  /** The data's digest: the same for the same people, from wherever. */
  readonly digest: Uint8Array;
}

/**
 * Reads a CSV file with a column `email`. A person's cell is that of their first row in the file with a valid identifier;
 * later rows change nothing. Labels count as they stand, neither trimmed nor normalised, "" where a cell is empty.
 * Throws `InputError`.
 */
export async function prepareReceiver(
  file: string,
  options: { match: "email"; groupBy: readonly string[] } & PrepareOptions,
): Promise<PreparedReceiver> {
  const { match, groupBy, ...rest } = options;
  const dataset = csvDataset(file, match, { dimensions: groupBy });
  return prepareReceiverDataset(dataset, { match: [match], partitions: [groupBy] }, rest);
}

/** Prepares a dataset for the protocol's receiver, all partitions in one pass. Throws `InputError`. */
export async function prepareReceiverDataset(
  dataset: Dataset,
  request: { match: readonly string[]; partitions: readonly (readonly string[])[] },
  options: PrepareOptions = {},
  rng: Rng = systemRng,
): Promise<PreparedReceiver> {
  return receiverOf(await preparePeople(dataset, { ...request, measures: [] }, options), rng);
}

/** The receiver's shape of prepared people. */
function receiverOf(people: PreparedPeople, rng: Rng): PreparedReceiver {
  return {
    identifiers: encodeItems(people, rng.fork("missing-items")),
    partitions: people.partitions.map(({ groupBy, cells, labels }) => ({
      groupBy,
      cells: perItem(cells, people.keys.length),
      labels,
      base: sizesOf(cells, labels.length),
    })),
    digest: people.digest,
    ...people.counts,
  };
}

function sizesOf(cells: Uint32Array, count: number): Uint32Array {
  const sizes = new Uint32Array(count);
  for (const cell of cells) sizes[cell]!++;
  return sizes;
}
