// The receiver's half of design section 2.1: one row per person, each in one cell of every partition.
import { RecordStore, type Column } from "@halfroom/crypto";
import { csvDataset } from "./dataset/csv-dataset.ts";
import type { EntriesRequest } from "./dataset/request.ts";
import type { Dataset } from "./dataset/schema.ts";
import { encodeItems, perItem, type EncodedItems } from "./keys/items.ts";
import { peopleOfCells } from "./people/bases.ts";
import { preparePeople, type PrepareOptions, type PreparedPeople } from "./prepared.ts";
import type { RowCounts } from "./tally.ts";

/** One group-by of a report (design section 2.4). */
export interface Partition {
  readonly groupBy: readonly string[];
  /** For each item of the report its person's index into `labels`; for a person with several entries, the first one's. */
  readonly cells: Column<Uint32Array>;
  /** The distinct label tuples that occur, one label for each grouping column, sorted. */
  readonly labels: string[][];
  /** How many people there are in each cell, matched or not; for the owner alone. */
  readonly base: Uint32Array;
  /**
   * If the request asks for entries: one column like `cells` for each entry that a person may have, the first being `cells`
   * itself; `NO_CELL` where there is no entry.
   */
  readonly entries?: readonly Column<Uint32Array>[] | undefined;
  /** Entries that found no room, over all people. */
  readonly lostEntries?: number | undefined;
}

export interface PreparedReceiver extends RowCounts, EncodedItems {
  /** In the order of the request. */
  readonly partitions: readonly Partition[];
  /**
   * For touches: for each entry and item the person's moment in seconds since 1970, ascending within a person;
   * `AFTER_ALL` where there is none.
   */
  readonly times?: readonly Column<Uint32Array>[] | undefined;
  /** The data's digest: the same for the same people, whatever the source. */
  readonly digest: Uint8Array;
}

/** Everything but the identifiers; see `SenderPeople`. */
export type ReceiverPeople = Omit<PreparedReceiver, keyof EncodedItems>;

/**
 * Reads a CSV file with a column `email`. A person's cell is that of their first row in the file with a valid identifier;
 * later rows change nothing. Labels are taken as they are, neither trimmed nor normalised, "" where a cell is empty.
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
  request: {
    match: readonly string[];
    partitions: readonly (readonly string[])[];
    entries?: EntriesRequest | undefined;
  },
  options: PrepareOptions,
): Promise<PreparedReceiver> {
  const { records = new RecordStore() } = options;
  const people = await preparePeople(dataset, { ...request, measures: [] }, { ...options, records });
  return await receiverOf(people, records);
}

/** Prepared people in the receiver's shape. */
async function receiverOf(people: PreparedPeople, records: RecordStore): Promise<PreparedReceiver> {
  return {
    ...(await encodeItems(people.everybody ?? people, records)),
    partitions: await Promise.all(people.partitions.map((_, p) => partitionOf(people, p))),
    times: people.entries?.times?.map((times) => perItem(times, people.keys.length)),
    digest: people.digest,
    ...people.counts,
  };
}

async function partitionOf({ partitions, entries, keys }: PreparedPeople, p: number): Promise<Partition> {
  const { groupBy, cells, labels } = partitions[p]!;
  const slots = entries?.partitions[p]!.slots ?? [cells];
  const perIdentifier = slots.map((slot) => perItem(slot, keys.length));
  const several = entries && { entries: perIdentifier, lostEntries: entries.lost[p] };
  return {
    groupBy,
    cells: perIdentifier[0]!,
    labels,
    base: await peopleOfCells(slots, labels.length, 1),
    ...several,
  };
}
