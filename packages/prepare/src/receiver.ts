// The receiver's half of design section 2.1: one row per person, each in one cell.
import { systemRng, type ByteRows, type Rng } from "@halfroom/crypto";
import { csvDataset } from "./dataset/csv-dataset.ts";
import type { Dataset } from "./dataset/schema.ts";
import { encodeItems, perItem } from "./keys/items.ts";
import { preparePeople, type PrepareOptions, type PreparedPeople } from "./prepared.ts";
import type { RowCounts } from "./tally.ts";

export interface PreparedReceiver extends RowCounts {
  /** One encoded identifier per person and non-empty set of match keys, all distinct; with one key, one a person. */
  readonly identifiers: ByteRows;
  /** Each identifier's person's index into `labels`. */
  readonly cells: Uint32Array;
  /** The distinct label tuples that occur, one label for each grouping column, sorted. */
  readonly labels: string[][];
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
  return prepareReceiverDataset(dataset, { match: [match], dimensions: groupBy }, rest);
}

/** Prepares a dataset for the protocol's receiver. Throws `InputError`. */
export async function prepareReceiverDataset(
  dataset: Dataset,
  request: { match: readonly string[]; dimensions: readonly string[] },
  options: PrepareOptions = {},
  rng: Rng = systemRng,
): Promise<PreparedReceiver> {
  return receiverOf(await preparePeople(dataset, { ...request, measures: [] }, options), rng);
}

/** The receiver's shape of prepared people. */
export function receiverOf(people: PreparedPeople, rng: Rng): PreparedReceiver {
  return {
    identifiers: encodeItems(people, rng.fork("missing-items")),
    cells: perItem(people.cells, people.keys.length),
    labels: people.labels,
    digest: people.digest,
    ...people.counts,
  };
}
