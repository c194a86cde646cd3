// The definition of a dataset, as a node's config.yaml holds it: everything that decides how rows become people. Expressions in it
// are SQL written by the dataset's owner; a request only names what is declared here.
import phoneMetadata from "libphonenumber-js/min/metadata";
import { z } from "zod";
import { isNumberFormat, NUMBER_FORMATS } from "./number-format.ts";
import { DEFAULT_PROFILE, PROFILE_NAMES, profileOf } from "../identifiers/profiles.ts";
import { source } from "./source.ts";
import { text } from "./texts.ts";

/** Declared names appear in requests and reports. */
const name = text("a name", 1024);
const column = text("the name of a column", 1024);
const expression = text("an SQL expression over the columns", 10_000);

/** How a column's text is read; without a type it stays text (Parquet and databases have types of their own). */
const TYPES =
  'Write one of text, integer, double, boolean, date, timestamp and decimal(digits,decimals), or { type: date, format: "%d.%m.%Y" }.';
const columnType = z
  .string(TYPES)
  .regex(
    /^(text|integer|double|boolean|date|timestamp|decimal\((?:[1-9]|[12]\d|3[0-8]),(?:\d|[12]\d|3[0-8])\))$/,
    TYPES,
  );

const FORMAT =
  "Write a format of strptime with year, month and day, for example %d.%m.%Y or %m/%d/%Y %I:%M %p, or a list of up to 4, all or none with %z.";
const SPECIFIER = /^(?:[^%]|%-?[YymdbBaAHIMSpfjz])+$/;

/** Whether every text that the format fits is one date, or one date and time. */
function isDateFormat(format: string): boolean {
  const has = (letters: string) => new RegExp(`%-?[${letters}]`).test(format);
  const day = has("j") || (has("mbB") && has("d"));
  return SPECIFIER.test(format) && has("Yy") && day && has("I") === has("p");
}

/** Whether the formats read a difference to UTC. */
export function hasOffset(formats: readonly string[]): boolean {
  return formats.some((format) => /%-?z/.test(format));
}

const dateFormat = z.string(FORMAT).max(64, FORMAT).refine(isDateFormat, FORMAT);
/** A column of dates or times that are written otherwise than ISO 8601 writes them. */
const writtenDate = z.strictObject({
  type: z.enum(["date", "timestamp"], "Write date or timestamp."),
  format: z
    .union([dateFormat, z.array(dateFormat).min(1, FORMAT).max(4, FORMAT)], FORMAT)
    .refine((formats) => new Set([formats].flat().map((each) => hasOffset([each]))).size < 2, FORMAT),
});

const IDENTIFIER_TYPES = ["email", "phone", "maid", "postal", "custom"] as const;

const COLUMNS = "Write the name of a column, or a list of 1 to 8.";
const trueOrFalse = z.boolean("Write true or false.");
/** From the library's metadata alone: every command reads settings, and few of them a phone number. */
const COUNTRIES = Object.keys(phoneMetadata.countries) as [string, ...string[]];
const matchKey = z.strictObject(
  {
    /** Defaults to the key's own name. */
    type: z.enum(IDENTIFIER_TYPES, `Write one of ${IDENTIFIER_TYPES.join(", ")}.`).optional(),
    /** One column; for `postal` the parts of the address in order; for other types the first column that holds an identifier counts. */
    columns: z.union([column, z.array(column).min(1, COLUMNS).max(8, COLUMNS)], COLUMNS),
    profile: z
      .enum(PROFILE_NAMES as [string, ...string[]], `Write one of ${PROFILE_NAMES.join(", ")}.`)
      .default(DEFAULT_PROFILE)
      .transform((profile) => profileOf(profile)!.version),
    region: z.enum(COUNTRIES, "Write a country by its two capital letters, for example DE.").optional(),
    /** For phone numbers: whether the hashed text starts with "+"; by default as the profile says. */
    plus: trueOrFalse.optional(),
    hashed: trueOrFalse.default(false),
    /** What stands between several identifiers in one cell, of which the first that is one counts; arrays need none. */
    split: text("what stands between two identifiers, for example ;", 8).optional(),
  },
  "Write the key's columns, for example { columns: email }.",
);

const BANDS = "Write the lower ends of 1 to 64 bands, for example [18, 25, 35].";
const DERIVE = "Write { bands: [18, 25, 35] }, frequency, week or month.";
const PICK = "Write first, most frequent, sum or { lastBy: COLUMN }.";
const NULL_LABEL = "Write { label: TEXT }, or drop.";
const dimension = z.strictObject(
  {
    column: column.optional(),
    expression: expression.optional(),
    /** Derives the label from a number or a date. */
    derive: z
      .union(
        [
          /** Age bands from their lower ends: [18, 25, 35] gives "under 18", "18-24", "25-34", "35+". */
          z.strictObject({ bands: z.array(z.int(BANDS), BANDS).min(1, BANDS).max(64, BANDS) }),
          z.literal("frequency"),
          z.literal("week"),
          z.literal("month"),
        ],
        DERIVE,
      )
      .optional(),
    /** Which value counts if a person has several rows; "sum" adds the numbers up before choosing their bucket. */
    pick: z
      .union([z.enum(["first", "most frequent", "sum"]), z.strictObject({ lastBy: column })], PICK)
      .default("first"),
    /** A label for NULL, or "drop" to leave the row out. */
    null: z
      .union([z.strictObject({ label: z.string().max(128) }), z.literal("drop")], NULL_LABEL)
      .default({ label: "" }),
  },
  "Write {} for the column of this name, or column, expression, derive, pick and null.",
);

function addsNumbers({ pick, derive }: { pick: unknown; derive?: unknown }): boolean {
  return pick !== "sum" || derive === "frequency" || typeof derive === "object";
}

const measure = z.strictObject(
  {
    column: column.optional(),
    expression: expression.optional(),
    /** NULL adds nothing, or leaves the row out. */
    null: z.enum(["zero", "drop"], "Write zero or drop.").default("zero"),
    /** Whether values are rounded to the decimals of a request, halves away from zero, instead of being left out. */
    round: trueOrFalse.default(false),
    /** How the column's texts write the number 1234.56. */
    format: z.string(NUMBER_FORMATS).refine(isNumberFormat, NUMBER_FORMATS).optional(),
  },
  "Write {} for the column of this name, or column, expression, null, round and format.",
);

interface Value {
  column?: string | undefined;
  expression?: string | undefined;
}
const oneAtMost = ({ column: named, expression: written }: Value) =>
  named === undefined || written === undefined;
const EITHER = "Write `column` or `expression`, not both.";

const time = z
  .strictObject({ column: column.optional(), expression: expression.optional() }, EITHER)
  .refine((value) => oneAtMost(value) && (value.column ?? value.expression) !== undefined, EITHER);

const ZONE = "Write the name of a time zone, for example Europe/Berlin.";

function isZone(name: string): boolean {
  if (!/^[A-Za-z][\w+-]*(?:\/[\w+-]+)*$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** A dataset as its owner declares it; `parse` fills in defaults and turns profile names into versions. */
export const datasetSchema = z
  .strictObject({
    name,
    source,
    columns: z.record(column, z.union([columnType, writtenDate], TYPES)).default({}),
    /** Whose clocks the dates and times without an offset show; months and weeks are those of this zone. */
    zone: z.string(ZONE).refine(isZone, ZONE).default("UTC"),
    /** Words that mean NULL wherever a text is one of them, blanks around it aside. */
    nullWords: z
      .array(text("a word that means NULL", 64), "Write a list of words that mean NULL.")
      .max(32, "Write at most 32 words.")
      .default([]),
    match: z.record(
      name,
      matchKey,
      "Write the keys by which people are found, for example { email: { columns: email } }.",
    ),
    /** Column whose equal values are one person; by default the first match key that a row has. */
    person: column.optional(),
    dimensions: z
      .record(
        name,
        dimension
          .refine(oneAtMost, EITHER)
          .refine(addsNumbers, "Write `derive: frequency` or bands with `pick: sum`."),
      )
      .default({}),
    measures: z.record(name, measure.refine(oneAtMost, EITHER)).default({}),
    /**
     * The time of each row, for reports that compare times: a timestamp (UTC unless it says otherwise), a date, or, in a column of
     * numbers, seconds since 1970.
     */
    time: time.optional(),
    where: expression.optional(),
  })
  .superRefine((dataset, context) => {
    const issue = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    const keys = Object.entries(dataset.match);
    if (keys.length < 1 || keys.length > DECLARED_KEYS_MAX) {
      issue(["match"], `Write 1 to ${DECLARED_KEYS_MAX} keys.`);
    }
    for (const [key, { type, columns, hashed, split }] of keys) {
      const kind = type ?? key;
      if (!(IDENTIFIER_TYPES as readonly string[]).includes(kind)) {
        issue(["match", key, "type"], `Write which of ${IDENTIFIER_TYPES.join(", ")} it is.`);
      } else if (split !== undefined && kind === "postal") {
        issue(["match", key, "split"], "Remove it: a postal address is made of all its columns.");
      } else if (hashed && kind !== "email" && kind !== "phone") {
        issue(
          ["match", key, "hashed"],
          "Remove it: only e-mail addresses and phone numbers may arrive hashed.",
        );
      } else if (hashed && Array.isArray(columns) && columns.length > 1) {
        issue(["match", key, "columns"], "Write one column: a hashed key cannot have more.");
      }
    }
  });

/** Most keys by which a report may find people (design section 2.1). */
export const KEYS_MAX = 3;
/** Most keys that a dataset may declare. */
const DECLARED_KEYS_MAX = 8;

export type Dataset = z.output<typeof datasetSchema>;
export type DatasetInput = z.input<typeof datasetSchema>;
export type Dimension = Dataset["dimensions"][string];

export interface TypeOfColumn {
  readonly type: string;
  /** Of dates and times; empty where they are written as ISO 8601 or SQL write them. */
  readonly formats: readonly string[];
}

/** The type that the dataset declares for a column of text. */
export function columnTypeOf({ columns }: Dataset, name: string): TypeOfColumn | undefined {
  const declared = Object.hasOwn(columns, name) ? columns[name] : undefined;
  if (declared === undefined) return undefined;
  if (typeof declared === "string") return { type: declared, formats: [] };
  return { type: declared.type, formats: [declared.format].flat() };
}
