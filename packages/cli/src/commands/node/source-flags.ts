// Which flags of `dataset add` say where the rows are, and the source that they mean.
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { isRemote, kindOfFile, placedPath } from "@halfroom/node";
import { badInput } from "../../failure.ts";

/** Databases behind a URL; each has four flags. */
const DATABASES = ["postgres", "mysql"] as const;
type Database = (typeof DATABASES)[number];
type DatabaseFlag = "query" | "url" | "url-variable" | "url-file";

export interface SourceFlags extends Readonly<
  Partial<Record<`${Database}-${DatabaseFlag}`, string | undefined>>
> {
  readonly file: readonly string[];
  readonly format?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly encoding?: string | undefined;
  readonly "sqlite-table"?: string | undefined;
  readonly "sqlite-query"?: string | undefined;
}

export const SOURCE_FLAGS = [
  ...(["file", "format", "delimiter", "encoding", "sqlite-table", "sqlite-query"] as const),
  ...DATABASES.flatMap(
    (kind) => [`${kind}-query`, `${kind}-url`, `${kind}-url-variable`, `${kind}-url-file`] as const,
  ),
] satisfies (keyof SourceFlags)[];

type Fields = Record<string, unknown>;

/** Throws OperatorError naming the flag and the remedy. */
export async function sourceOf(flags: SourceFlags): Promise<Fields> {
  const { delimiter, encoding } = flags;
  const sources = DATABASES.map((kind) => databaseOf(kind, flags)).filter((each) => each !== undefined);
  if (sources.length + (flags.file.length > 0 ? 1 : 0) !== 1) {
    const queries = DATABASES.map((kind) => `--${kind}-query`).join(", or ");
    throw badInput(
      `Where is the data? Give --file, or ${queries}, or --definition with a file of all settings.`,
    );
  }
  const [database] = sources;
  const ofSqlite = (flags["sqlite-table"] ?? flags["sqlite-query"]) !== undefined;
  if (database !== undefined || ofSqlite) {
    if ((delimiter ?? encoding) !== undefined)
      throw badInput("--delimiter and --encoding are for files of text: leave them out.");
  }
  if (database === undefined) return ofSqlite ? await sqliteOf(flags) : await filesOf(flags);
  if (!ofSqlite) return database;
  throw badInput("--sqlite-table and --sqlite-query need --file with the database.");
}

function databaseOf(kind: Database, flags: SourceFlags): Fields | undefined {
  const query = flags[`${kind}-query`];
  const file = flags[`${kind}-url-file`];
  const address = {
    url: flags[`${kind}-url`],
    urlVariable: flags[`${kind}-url-variable`],
    urlFile: file === undefined ? undefined : resolve(file),
  };
  const given = Object.entries(address).filter(([, value]) => value !== undefined);
  if (query !== undefined) return { [kind]: { ...Object.fromEntries(given), query } };
  if (given.length === 0) return undefined;
  throw badInput(`--${kind}-url, --${kind}-url-variable and --${kind}-url-file need --${kind}-query.`);
}

async function sqliteOf(flags: SourceFlags): Promise<Fields> {
  const [file = "", ...others] = flags.file.map((each) => resolve(each));
  const [table, query] = [flags["sqlite-table"], flags["sqlite-query"]];
  if (others.length > 0 || (table !== undefined && query !== undefined) || flags.format !== undefined) {
    throw badInput("An SQLite database is one --file, with either --sqlite-table or --sqlite-query.");
  }
  await assertThere(file);
  return { sqlite: { file, ...(table === undefined ? { query } : { table }) } };
}

async function filesOf({ file, format, delimiter, encoding }: SourceFlags): Promise<Fields> {
  const files = file.map((each) => placedPath(each, "."));
  await Promise.all(files.map(assertThere));
  if (format === undefined && files.some((each) => /\.(?:db|sqlite3?)$/i.test(each))) {
    throw badInput("--file: of an SQLite database say --sqlite-table NAME or --sqlite-query SQL.");
  }
  const kinds = new Set(files.map((each) => format ?? kindOfFile(each)));
  const [kind, ...others] = kinds;
  if (kind === undefined || others.length > 0) {
    throw badInput(
      "--file: the file names do not end in one known format; give --format csv, ndjson or parquet.",
    );
  }
  return {
    [kind]: files.length === 1 ? files[0] : files,
    ...(delimiter !== undefined && { delimiter }),
    ...(encoding !== undefined && { encoding }),
  };
}

async function assertThere(file: string): Promise<void> {
  if (isRemote(file) || /[*?[]/.test(file) || (await stat(file).catch(() => undefined)) !== undefined) return;
  throw badInput(`--file ${file}: there is no such file or folder; check the path and its permissions.`);
}
