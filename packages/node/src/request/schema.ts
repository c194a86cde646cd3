// The fields of a report request. Each message is the remedy shown to the user.
import {
  DECIMALS_MAX,
  ENTRIES_MAX,
  EVENTS_MAX,
  GROUP_BY_MAX,
  MATCH_KEYS_MAX,
  MEASURES_MAX,
  PARTITIONS_MAX,
  PEOPLE_MAX,
} from "@halfroom/wire";
import { z } from "zod";
import {
  NAME_LENGTH_MAX,
  nameField as plainNameField,
  REPORT_KINDS,
  SHARD_PEOPLE_MAX,
  SHARD_PEOPLE_MIN,
  THRESHOLD_FLOOR,
  WEIGHT_MAX,
} from "@halfroom/session";
import { EPSILON_MAX, isMillionths } from "./millionths.ts";
import { seriesFile } from "./series.ts";

const WHERE_LENGTH_MAX = 4096;
/** Defaults of a report and of a policy alike (design section 4). */
export const THRESHOLD_DEFAULT = 100;
export const EPSILON_DEFAULT = 1;
const WINDOW_DAYS_MAX = 366;

/** A name, with the remedy for whoever wrote a bad one. */
export function nameField(what: string) {
  return plainNameField(`Write ${what}, 1 to ${NAME_LENGTH_MAX} characters on one line.`);
}

/** A decimal number: bare, or in quotes if it has more than 15 digits. */
function decimalField(what: string) {
  const remedy = `Write ${what} as a plain decimal number, for example 0 or 12.50; in quotes if it has more than 15 digits.`;
  return z
    .union([z.number(remedy).refine((value) => Math.abs(value) < 1e15, remedy), z.string()], remedy)
    .transform(String)
    .pipe(z.string().regex(/^[+-]?[0-9]+(\.[0-9]+)?$/, remedy));
}

const decimals = `Write the number of decimals, 0 to ${DECIMALS_MAX}.`;
const measureRemedy = "Write low, high and decimals, for example { low: 0, high: 500, decimals: 2 }.";
const measure = z.strictObject(
  {
    low: decimalField("the smallest amount that one person counts for"),
    high: decimalField("the largest amount that one person counts for"),
    decimals: z.int(decimals).min(0, decimals).max(DECIMALS_MAX, decimals).default(0),
    variance: z.boolean("Write true to add up squares too, for the variance, or false.").default(false),
  },
  measureRemedy,
);

const measures = z
  .record(
    nameField("a column's name"),
    measure,
    "Write a list of columns to sum, each with low, high and decimals.",
  )
  .refine((columns) => Object.keys(columns).length <= MEASURES_MAX, `Sum at most ${MEASURES_MAX} columns.`);

const groupByRemedy = `Write 1 to ${GROUP_BY_MAX} columns, for example [campaign, age_band], each once.`;
const list = z
  .array(nameField("a column's name"), groupByRemedy)
  .max(GROUP_BY_MAX, groupByRemedy)
  .refine((names) => new Set(names).size === names.length, groupByRemedy);
const partitionsRemedy = `Write a list of columns, or up to ${PARTITIONS_MAX} different such lists, for example [[campaign], [age_band, region]]; an empty list among them, [[], [campaign]], is one cell of everybody.`;
const groupBy = z.union(
  [
    list.min(1, groupByRemedy),
    z
      .array(list)
      .min(1, partitionsRemedy)
      .max(PARTITIONS_MAX, partitionsRemedy)
      .refine(
        (lists) => new Set(lists.map((list) => JSON.stringify(list))).size === lists.length,
        partitionsRemedy,
      ),
  ],
  `${groupByRemedy} ${partitionsRemedy}`,
);

const where = `Write an expression over your own columns, 1 to ${WHERE_LENGTH_MAX} characters.`;
const ours = z.strictObject(
  {
    dataset: nameField("the name of your dataset"),
    where: z.string(where).min(1, where).max(WHERE_LENGTH_MAX, where).optional(),
    measures: measures.optional(),
    group_by: groupBy.optional(),
  },
  "Write your side: dataset, and measures or group_by.",
);
const theirs = z.strictObject(
  {
    dataset: nameField("the name of the partner's dataset"),
    where: z
      .never(
        "Remove it: only the owner of the data filters it. Ask the partner to offer a dataset with the filter in it.",
      )
      .optional(),
    measures: measures.optional(),
    group_by: groupBy.optional(),
  },
  "Write the partner's side: dataset, and group_by or measures.",
);

const threshold = `Write a whole number of people, ${THRESHOLD_FLOOR} or more.`;
const epsilon = `Write a number above 0 and at most ${EPSILON_MAX} with at most 6 decimals, for example 1 or 0.5.`;
const match = `Write 1 to ${MATCH_KEYS_MAX} names of match keys, for example [email, phone].`;
const weights = `Write a whole number from 1 to ${WEIGHT_MAX} for "people" or for a measure.`;
const entries = `Write how many cells one person may be in, 1 to ${ENTRIES_MAX}.`;
const events = `Write how many events of one person count, 1 to ${EVENTS_MAX}.`;
const windowDays = `Write a number of days, 0 (no limit) to ${WINDOW_DAYS_MAX}.`;
const label = z.string("Write a label of the column.").max(NAME_LENGTH_MAX);
const shardPeople = `Write how many people of the receiver a shard holds, ${SHARD_PEOPLE_MIN} to ${SHARD_PEOPLE_MAX}; smaller shards take less memory.`;
const delta = "Write 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11 or 1e-12.";

/** The file as it is written; `parseRequest` checks what no single field shows. */
export const requestSchema = z.strictObject(
  {
    report: z.enum(REPORT_KINDS, `Write one of ${REPORT_KINDS.join(", ")}.`).default("sums"),
    partner: nameField("the partner's name, as `halfroom partners` shows it"),
    match: z
      .array(nameField("a match key's name"), match)
      .min(1, match)
      .max(MATCH_KEYS_MAX, match)
      .refine((names) => new Set(names).size === names.length, match)
      .optional(),
    ours,
    theirs,
    receiver: z.enum(["us", "them"], "Write us or them: the side whose group_by makes the cells.").optional(),
    entries: z.int(entries).min(1, entries).max(ENTRIES_MAX, entries).optional(),
    events: z.int(events).min(1, events).max(EVENTS_MAX, events).optional(),
    window_days: z.number(windowDays).min(0, windowDays).max(WINDOW_DAYS_MAX, windowDays).optional(),
    arms: z
      .strictObject(
        { column: nameField("the column that tells test from control"), test: label, control: label },
        "Write column, test and control.",
      )
      .optional(),
    threshold: z
      .int(threshold)
      .min(THRESHOLD_FLOOR, threshold)
      .max(PEOPLE_MAX, threshold)
      .default(THRESHOLD_DEFAULT),
    epsilon: z
      .number(epsilon)
      .max(EPSILON_MAX, epsilon)
      .refine((value) => isMillionths(value), epsilon)
      .optional(),
    mechanism: z.enum(["laplace", "gaussian"], "Write laplace or gaussian.").optional(),
    delta: z
      .number(delta)
      .transform((value) => Math.round(-Math.log10(value)))
      .refine((exponent) => exponent >= 5 && exponent <= 12, delta)
      .optional(),
    weights: z
      .record(nameField("a column's name"), z.int(weights).min(1, weights).max(WEIGHT_MAX, weights), weights)
      .optional(),
    exact: z.literal(true, "Write `exact: true`, or leave it out for a report with noise.").optional(),
    totals: z.boolean("Write true for totals over all cells, hidden ones included, or false.").default(false),
    rules: z.enum(["standard", "pair"], "Write standard or pair.").default("standard"),
    result: z.enum(["both", "us", "them"], "Write both, us or them.").default("both"),
    ot_k: z.literal([4, 8], "Write 4, or 8 for a slow connection.").default(4),
    transfers: z
      .enum(
        ["softspoken", "silent"],
        "Write silent for far fewer bytes, or softspoken; left out, the node chooses.",
      )
      .optional(),
    shard_people: z
      .int(shardPeople)
      .min(SHARD_PEOPLE_MIN, shardPeople)
      .max(SHARD_PEOPLE_MAX, shardPeople)
      .default(SHARD_PEOPLE_MAX),
    replay: z
      .boolean("Write true if an agreed auditor must be able to compute the session again, or false.")
      .default(false),
    new_people: z
      .literal(true, "Write `new_people: true`, or leave it out for a report that counts everybody.")
      .optional(),
    series: seriesFile.optional(),
    sink: nameField("the name of one of this node's `sinks`").optional(),
  },
  "Write a report request: partner, ours, theirs, threshold, and epsilon or exact.",
);
export type RequestFile = z.infer<typeof requestSchema>;

export function microEpsilonOf(epsilon = EPSILON_DEFAULT): number {
  return Math.round(epsilon * 1e6);
}
