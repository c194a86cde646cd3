// The sender's half of design section 2.1: one row per person, measures summed exactly and clipped.
import { constantColumn, RecordStore, type Column } from "@halfroom/crypto";
import { csvDataset } from "./dataset/csv-dataset.ts";
import type { MeasureRequest } from "./dataset/request.ts";
import type { Dataset } from "./dataset/schema.ts";
import { peopleOfCells } from "./people/bases.ts";
import { encodeItems, peoplePayloadOf, perItem, signedPayload, type EncodedItems } from "./keys/items.ts";
import { preparePeople, type PrepareOptions, type PreparedPeople } from "./prepared.ts";
import type { RowCounts } from "./tally.ts";

export type MeasureColumn = MeasureRequest;

/** People's events in the order of time: one column for each event that a person may have, with a value per item. */
export interface PreparedEvents {
  /** How many events the person has. */
  readonly counts: Column<Uint8Array>;
  /** Seconds since 1970, ascending within a person; `BEFORE_ALL` where there is no event. */
  readonly times: readonly Column<Uint32Array>[];
  /**
   * For each measure the values, scaled by 10^decimals, with the item's sign; 0 where there is no event. Whichever of a
   * person's events are added up, their sum lies within the measure's bounds, or is zero.
   */
  readonly values: readonly (readonly Column<BigInt64Array>[])[];
  /** Events that found no room, over all people; they are the earliest ones. */
  readonly lost: number;
}

export interface PreparedSender extends RowCounts, EncodedItems {
  /** One column per measure, a value per item of the report: the clipped value, scaled by 10^decimals, with the item's sign. */
  readonly measures: readonly Column<BigInt64Array>[];
  /** With several keys, the payload that counts people: the item's sign. With one key the membership bit counts them. */
  readonly peoplePayload: Column<BigInt64Array> | undefined;
  /** For each item of the report its person's index into `categoryLabels`. */
  readonly categories: Column<Uint32Array>;
  /** The distinct label tuples of the sender's own dimensions that occur, sorted; without dimensions, one empty tuple. */
  readonly categoryLabels: string[][];
  /** How many people there are in each category, matched or not; for the owner alone. */
  readonly base: Uint32Array;
  /** If the request asks for them. */
  readonly events?: PreparedEvents | undefined;
  /** The data's digest: the same for the same people, whatever the source. */
  readonly digest: Uint8Array;
}

/** Everything but the identifiers: they take most of the memory, and nothing needs them once people are pseudonymised. */
export type SenderPeople = Omit<PreparedSender, keyof EncodedItems>;

/** For the owner alone. */
export interface Clipped {
  /** For each measure: people outside of its bounds, who count with a bound. */
  readonly clipped: readonly number[];
}

/** Reads a CSV file with a column `email`; each measure is the column of the same name. Throws `InputError`. */
export async function prepareSender(
  file: string,
  options: { match: "email"; measures: readonly MeasureColumn[] } & PrepareOptions,
): Promise<PreparedSender & Clipped> {
  const { match, measures, ...rest } = options;
  const dataset = csvDataset(file, match, { measures: measures.map(({ name }) => name) });
  return prepareSenderDataset(dataset, { match: [match], measures, dimensions: [] }, rest);
}

/**
 * Prepares a dataset for the protocol's sender. A person's rows add up, exactly, before the sum is clipped. NULL adds
 * nothing; a value that is not a decimal number, or has more decimals than declared, drops its row. Throws `InputError`.
 */
export async function prepareSenderDataset(
  dataset: Dataset,
  request: {
    match: readonly string[];
    measures: readonly MeasureRequest[];
    dimensions: readonly string[];
    events?: { readonly max: number } | undefined;
  },
  options: PrepareOptions,
): Promise<PreparedSender & Clipped> {
  const { dimensions, ...rest } = request;
  const { records = new RecordStore() } = options;
  const people = await preparePeople(dataset, { ...rest, partitions: [dimensions] }, { ...options, records });
  return await senderOf(people, records);
}

/** Prepared people in the sender's shape. */
async function senderOf(people: PreparedPeople, records: RecordStore): Promise<PreparedSender & Clipped> {
  const keys = people.keys.length;
  const everybodys = constantColumn(people.count, (count) => new Uint32Array(count));
  const [{ cells, labels } = { cells: everybodys, labels: [[]] }] = people.partitions;
  const signed = (values: Column<BigInt64Array>) => signedPayload(values, keys);
  return {
    ...(await encodeItems(people.everybody ?? people, records)),
    measures: people.measures.map(signed),
    peoplePayload: keys === 1 ? undefined : peoplePayloadOf(people.count, keys),
    categories: perItem(cells, keys),
    categoryLabels: labels,
    base: await peopleOfCells([cells], labels.length, 1),
    clipped: people.clipped,
    events: people.events && {
      counts: perItem(people.events.counts, keys),
      times: people.events.times.map((times) => perItem(times, keys)),
      values: people.events.values.map((slots) => slots.map(signed)),
      lost: people.events.lost,
    },
    digest: people.digest,
    ...people.counts,
  };
}
