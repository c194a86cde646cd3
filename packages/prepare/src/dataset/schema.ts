// The definition of a dataset: what a node's config.yaml holds for each, and all that decides how rows become people.
// Expressions in it are SQL of the dataset's owner; a request only names what is declared here.
import { getCountries } from "libphonenumber-js/min";
import { z } from "zod";
import { DEFAULT_PROFILE, PROFILE_NAMES, profileOf } from "../identifiers/profiles.ts";

/** Names of declared things travel in requests and reports. */
const name = z.string().min(1).max(1024);
const column = z.string().min(1).max(1024);
const expression = z.string().min(1).max(10_000);

const postgres = z.strictObject({
  /** A URL without a password, or nothing: then the usual PG* variables say where. */
  url: z.string().optional(),
  /** Name of the environment variable that holds the URL, with its password. */
  urlVariable: z.string().optional(),
  /** File that holds the URL, readable by its owner alone. */
  urlFile: z.string().optional(),
  query: expression,
});

const files = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
const source = z.union([
  z.strictObject({ csv: files }),
  z.strictObject({ ndjson: files }),
  z.strictObject({ parquet: files }),
  z.strictObject({ postgres }),
]);

/** How a column's text is read; without a type it is text (Parquet and PostgreSQL bring types of their own). */
const columnType = z
  .string()
  .regex(
    /^(text|integer|double|boolean|date|timestamp|decimal\((?:[1-9]|[12]\d|3[0-8]),(?:\d|[12]\d|3[0-8])\))$/,
    "one of text, integer, double, boolean, date, timestamp, decimal(digits,decimals)",
  );

const IDENTIFIER_TYPES = ["email", "phone", "maid", "postal", "custom"] as const;

const matchKey = z.strictObject({
  /** Defaults to the key's own name. */
  type: z.enum(IDENTIFIER_TYPES).optional(),
  /** One column; for `postal` the address's parts in order; for others the first that holds an identifier counts. */
  columns: z.union([column, z.array(column).min(1).max(8)]),
  profile: z
    .enum(PROFILE_NAMES as [string, ...string[]])
    .default(DEFAULT_PROFILE)
    .transform((profile) => profileOf(profile)!.version),
  region: z.enum(getCountries() as [string, ...string[]]).optional(),
  /** Phone numbers: whether the hashed text starts with "+"; the profile decides if this is silent. */
  plus: z.boolean().optional(),
  hashed: z.boolean().default(false),
});

const band = z.number().int();
const dimension = z.strictObject({
  column: column.optional(),
  expression: expression.optional(),
  /** Derives the label from a number or a date. */
  derive: z
    .union([
      /** Age bands from their lower ends: [18, 25, 35] gives "under 18", "18-24", "25-34", "35+". */
      z.strictObject({ bands: z.array(band).min(1).max(64) }),
      z.literal("frequency"),
      z.literal("week"),
      z.literal("month"),
    ])
    .optional(),
  /** Which value counts when a person has several rows; "sum" adds the numbers up before they get their bucket. */
  pick: z
    .union([z.enum(["first", "most frequent", "sum"]), z.strictObject({ lastBy: column })])
    .default("first"),
  /** A label of its own for NULL, or "drop" for the row to be left out. */
  null: z.union([z.strictObject({ label: z.string().max(128) }), z.literal("drop")]).default({ label: "" }),
});

function addsNumbers({ pick, derive }: { pick: unknown; derive?: unknown }): boolean {
  return pick !== "sum" || derive === "frequency" || typeof derive === "object";
}

const measure = z.strictObject({
  column: column.optional(),
  expression: expression.optional(),
  /** NULL adds nothing, or leaves the row out. */
  null: z.enum(["zero", "drop"]).default("zero"),
});

const time = z.strictObject({ column: column.optional(), expression: expression.optional() });

const oneOf = <T extends { column?: string | undefined; expression?: string | undefined }>(value: T) =>
  value.column === undefined || value.expression === undefined;
const anyOf = (value: { column?: string | undefined; expression?: string | undefined }) =>
  value.column !== undefined || value.expression !== undefined;
const EITHER = "give `column` or `expression`, not both";

/** A dataset as its owner declares it; `parse` fills the defaults and turns profile names into versions. */
export const datasetSchema = z
  .strictObject({
    name,
    source,
    columns: z.record(column, columnType).default({}),
    match: z.record(name, matchKey),
    /** Column whose equal values are one person; otherwise the first match key that a row has. */
    person: column.optional(),
    dimensions: z
      .record(
        name,
        dimension.refine(oneOf, EITHER).refine(addsNumbers, "`pick: sum` needs bands or frequency"),
      )
      .default({}),
    measures: z.record(name, measure.refine(oneOf, EITHER)).default({}),
    /**
     * The moment of each row, for reports that compare times: a timestamp (UTC unless it says otherwise), a date, or a
     * number of seconds since 1970 in a column of numbers.
     */
    time: time.refine(oneOf, EITHER).refine(anyOf, EITHER).optional(),
    where: expression.optional(),
  })
  .superRefine((dataset, context) => {
    const issue = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    const keys = Object.entries(dataset.match);
    if (keys.length < 1 || keys.length > KEYS_MAX) issue(["match"], `1 to ${KEYS_MAX} match keys`);
    for (const [key, { type, columns, hashed }] of keys) {
      const kind = type ?? key;
      if (!(IDENTIFIER_TYPES as readonly string[]).includes(kind)) {
        issue(["match", key, "type"], `say which of ${IDENTIFIER_TYPES.join(", ")} it is`);
      } else if (hashed && kind !== "email" && kind !== "phone") {
        issue(["match", key, "hashed"], "only e-mail addresses and phone numbers arrive hashed");
      } else if (hashed && Array.isArray(columns) && columns.length > 1) {
        issue(["match", key, "columns"], "a hashed key has one column");
      }
    }
    const { source: from } = dataset;
    if ("postgres" in from) {
      const given = [from.postgres.url, from.postgres.urlVariable, from.postgres.urlFile];
      if (given.filter((value) => value !== undefined).length > 1) {
        issue(["source", "postgres"], "give one of url, urlVariable and urlFile");
      }
      if (from.postgres.url !== undefined && holdsPassword(from.postgres.url)) {
        issue(["source", "postgres", "url"], "no password here: use urlVariable, urlFile or PGPASSFILE");
      }
    }
  });

/** Most keys that one person may be found by (design section 2.1). */
export const KEYS_MAX = 3;

function holdsPassword(url: string): boolean {
  return !URL.canParse(url) || new URL(url).password !== "" || new URL(url).searchParams.has("password");
}

export type Dataset = z.output<typeof datasetSchema>;
export type DatasetInput = z.input<typeof datasetSchema>;
export type Source = Dataset["source"];
export type Dimension = Dataset["dimensions"][string];
