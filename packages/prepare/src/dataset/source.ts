// Where a dataset's rows are: files, or a query of a database.
import { resolve } from "node:path";
import { z } from "zod";
import { holdsPassword } from "../sources/databases/url.ts";
import { isRemote } from "../sources/objects/names.ts";
import { ENCODINGS, type Encoding } from "../sources/encodings.ts";
import { text } from "./texts.ts";

const QUERY = text("one SELECT", 10_000);

/** A query of a database behind a URL; `elsewhere`: where a password may stand besides. */
const database = (example: string, elsewhere: string) =>
  z
    .strictObject(
      {
        /** A URL without a password; what it leaves out is in the environment, as for the database's own programs. */
        url: z.string(`Write a URL without a password, for example ${example}.`).optional(),
        /** Name of the environment variable that holds the URL, with its password. */
        urlVariable: z.string("Write the name of the environment variable that holds the URL.").optional(),
        /** File that holds the URL, readable by its owner alone. */
        urlFile: z.string("Write the path of the file that holds the URL.").optional(),
        query: QUERY,
      },
      "Write the query, and url, urlVariable or urlFile.",
    )
    .superRefine(({ url, urlVariable, urlFile }, context) => {
      const issue = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
      if ([url, urlVariable, urlFile].filter((value) => value !== undefined).length > 1) {
        issue([], "Write one of url, urlVariable and urlFile.");
      }
      if (url !== undefined && holdsPassword(url)) {
        const remedy = `Do not write a password here: use urlVariable, urlFile or ${elsewhere}.`;
        issue(["url"], `Write a URL as ${example}. ${remedy}`);
      }
    });
const postgres = database("postgres://reader@db.example/crm", "PGPASSFILE");
const mysql = database("mysql://reader@db.example/shop", "MYSQL_PWD");

const TABLE_OR_QUERY = "Write the file, and either table or query.";
const sqlite = z
  .strictObject(
    {
      file: text("the path of an SQLite database", 4096),
      table: text("the name of a table or view", 1024).optional(),
      query: QUERY.optional(),
    },
    TABLE_OR_QUERY,
  )
  .refine(({ table, query }) => (table === undefined) !== (query === undefined), TABLE_OR_QUERY);

const FILES = "Write a path, a pattern as in parts/*.csv, a folder, or a list of these.";
const files = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)], FILES);
const DELIMITER = 'Write what separates the fields: one ASCII mark as in ";", or tab.';
const ENCODING = `Write one of ${ENCODINGS.join(", ")}.`;
/** ASCII that is neither a letter nor a digit, a blank or the quote; U+0001 is what Hive writes. */
const DELIMITERS: ReadonlySet<string> = new Set("!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\t\u0001");
/** How a file of text is read. */
const textOptions = {
  /** Of CSV files; without it the first line or the header says so. */
  delimiter: z
    .string(DELIMITER)
    .refine((delimiter) => delimiter === "tab" || DELIMITERS.has(delimiter), DELIMITER)
    .transform((delimiter) => (delimiter === "tab" ? "\t" : delimiter))
    .optional(),
  /** Of files without a byte order mark; by default utf-8. */
  encoding: z.enum(ENCODINGS, ENCODING).optional(),
};
type Files = string | string[];
export interface TextOptions {
  delimiter?: string;
  encoding?: Encoding;
}

export type FileSource =
  ({ csv: Files } & TextOptions) | ({ ndjson: Files } & Pick<TextOptions, "encoding">) | { parquet: Files };
export type PostgresSource = z.output<typeof postgres>;
export type MysqlSource = z.output<typeof mysql>;
export type SqliteSource = z.output<typeof sqlite>;
export type Source =
  FileSource | { postgres: PostgresSource } | { mysql: MysqlSource } | { sqlite: SqliteSource };

const KINDS = ["csv", "ndjson", "parquet", "sqlite", "postgres", "mysql"] as const;
const SOURCE = `Write one of ${KINDS.slice(0, -1).join(", ")} and ${KINDS.at(-1)}.`;

export const source = z
  .strictObject(
    {
      csv: files.optional(),
      ndjson: files.optional(),
      parquet: files.optional(),
      sqlite: sqlite.optional(),
      postgres: postgres.optional(),
      mysql: mysql.optional(),
      ...textOptions,
    },
    SOURCE,
  )
  .refine((given) => KINDS.filter((kind) => given[kind] !== undefined).length === 1, SOURCE)
  .superRefine(({ csv, ndjson, delimiter, encoding }, context) => {
    const issue = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    if (delimiter !== undefined && csv === undefined) issue(["delimiter"], "Remove it: it is for CSV files.");
    if (encoding !== undefined && csv === undefined && ndjson === undefined)
      issue(["encoding"], "Remove it: it is for CSV and NDJSON files.");
  })
  .transform((given) => Object.fromEntries(Object.entries(given).filter(([, each]) => each)) as Source);

/** Fields whose values are paths, besides those of files of rows. */
const PATHS = ["file", "urlFile"];

/** A source, parsed or as it is written, in which relative paths start at `folder`. */
export function placedSource<S extends object>(given: S, folder: string): S {
  const at = (path: unknown): unknown =>
    Array.isArray(path) ? path.map(at) : typeof path === "string" ? placedPath(path, folder) : path;
  const entries = Object.entries(given).map(([kind, value]: [string, unknown]) => {
    if (Object.hasOwn(textOptions, kind)) return [kind, value];
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [kind, at(value)];
    const fields = Object.entries(value).map(([field, each]) => [
      field,
      PATHS.includes(field) ? at(each) : each,
    ]);
    return [kind, Object.fromEntries(fields)];
  });
  return Object.fromEntries(entries) as S;
}

/** A path from `folder` on; the name of an object in a store is one from anywhere. */
export function placedPath(path: string, folder: string): string {
  return isRemote(path) ? path : resolve(folder, path);
}

/** The paths and patterns of a source's files on this machine. */
export function pathsOf(given: Source): string[] {
  if ("sqlite" in given) return [given.sqlite.file];
  if ("postgres" in given || "mysql" in given) return [];
  return ["csv" in given ? given.csv : "ndjson" in given ? given.ndjson : given.parquet]
    .flat()
    .filter((path) => !isRemote(path));
}
