// A report into a table, all of its lines or none. A session's lines are those of its last writing, however often it is written.
import { resolve } from "node:path";
import {
  openMysql,
  openPostgres,
  SqlFault,
  type OpenDatabase,
  type SqlValue,
  type UrlPlace,
} from "@halfroom/prepare/databases";
import { OperatorError } from "../errors.ts";
import { Undelivered } from "../events/attempt.ts";
import { toOperatorError } from "../errors.ts";
import type { NodeFolder } from "../store/folder.ts";
import { COLUMNS, KIND_OF, type Column, type ColumnKind, type SinkLine } from "./lines.ts";
import { TABLE_DEFAULT, type Sink } from "./settings.ts";
import type { SinkWriter } from "./target.ts";

type Dialect = "postgres" | "mysql";

/** Lines that one statement writes. */
const AT_ONCE = 200;

const TYPES: Readonly<Record<Dialect, Readonly<Record<ColumnKind, string>>>> = {
  postgres: {
    name: "text",
    text: "text",
    json: "jsonb",
    whole: "integer",
    decimal: "numeric",
    moment: "timestamptz",
  },
  // Keys of a table have a length, and 65 digits are the most; moments are in UTC.
  mysql: {
    name: "varchar(64)",
    text: "text",
    json: "json",
    whole: "integer",
    decimal: "decimal(65, 18)",
    moment: "datetime(3)",
  },
};

/** What servers call a table that is not there. */
const NO_TABLE: readonly string[] = ["42P01", "ER_NO_SUCH_TABLE"];
/** A right that the account lacks. */
const NO_RIGHT: readonly string[] = [
  "42501",
  "ER_TABLEACCESS_DENIED_ERROR",
  "ER_DBACCESS_DENIED_ERROR",
  "ER_COLUMNACCESS_DENIED_ERROR",
  "ER_SPECIFIC_ACCESS_DENIED_ERROR",
];

export function databaseSink(
  { path: folder }: Pick<NodeFolder, "path">,
  name: string,
  { postgres, mysql, table = TABLE_DEFAULT }: Sink,
): SinkWriter {
  const dialect: Dialect = postgres === undefined ? "mysql" : "postgres";
  const place = placed(folder, (postgres ?? mysql)!);
  const sql = statementsFor(dialect, table);
  const open = async () =>
    await (dialect === "postgres" ? openPostgres : openMysql)(place, `the sink ${name}`);
  return {
    async check() {
      await using(open, (db) => isThere(db, sql.look, table));
    },
    async write(session, lines) {
      await using(open, async (db) => {
        if (!(await isThere(db, sql.look, table))) await told(db.run(sql.create), table, "make");
        await db.run(sql.begin);
        await told(db.run(sql.remove, [session]), table, "write to");
        for (let from = 0; from < lines.length; from += AT_ONCE) {
          const some = lines.slice(from, from + AT_ONCE);
          await told(
            db.run(
              sql.insert(some.length),
              some.flatMap((line) => valuesOf(dialect, line)),
            ),
            table,
            "write to",
          );
        }
        await db.run("commit");
      });
    },
  };
}

function placed(folder: string, { urlFile, ...place }: UrlPlace): UrlPlace {
  return { ...place, ...(urlFile !== undefined && { urlFile: resolve(folder, urlFile) }) };
}

async function using<T>(
  open: () => Promise<OpenDatabase>,
  work: (db: OpenDatabase) => Promise<T>,
): Promise<T> {
  try {
    const db = await open();
    try {
      return await work(db);
    } finally {
      // What was not committed is undone.
      await db.close();
    }
  } catch (error) {
    throw undelivered(error);
  }
}

function undelivered(error: unknown): unknown {
  if (error instanceof SqlFault) return new Undelivered(error.message, { cause: error });
  const shown = toOperatorError(error);
  return shown instanceof OperatorError ? new Undelivered(shown.message, { cause: error }) : error;
}

/** Whether there is a table, which then has all columns. */
async function isThere(db: OpenDatabase, look: string, table: string): Promise<boolean> {
  let found: readonly string[];
  try {
    found = await db.run(look);
  } catch (error) {
    if (error instanceof SqlFault && NO_TABLE.includes(error.code)) return false;
    throw rightsOf(error, table, "read");
  }
  const lacks = COLUMNS.filter((column) => !found.includes(column));
  if (lacks.length === 0) return true;
  throw new Undelivered(
    `the table ${table} lacks the columns ${lacks.join(", ")}: name another table, or add them as docs/operate.md has them`,
  );
}

async function told(statement: Promise<unknown>, table: string, what: string): Promise<void> {
  try {
    await statement;
  } catch (error) {
    throw rightsOf(error, table, what);
  }
}

function rightsOf(error: unknown, table: string, what: string): unknown {
  if (!(error instanceof SqlFault) || !NO_RIGHT.includes(error.code)) return error;
  const words = `the account may not ${what} the table ${table} (${error.code}): grant it to select, insert and delete, or make the table as docs/operate.md has it`;
  return new Undelivered(words, { cause: error });
}

function statementsFor(dialect: Dialect, table: string) {
  const quote = dialect === "postgres" ? '"' : "`";
  const quoted = (text: string) => `${quote}${text}${quote}`;
  const name = table.split(".").map(quoted).join(".");
  const types = TYPES[dialect];
  const optional: readonly Column[] = [
    "partition_number",
    "known",
    "value",
    "standard_error",
    "low",
    "high",
    "epsilon",
    "made_at",
  ];
  const columns = COLUMNS.map((column) => {
    return `${quoted(column)} ${types[KIND_OF[column]]}${optional.includes(column) ? "" : " not null"}`;
  });
  const mark = (i: number) => (dialect === "postgres" ? `$${i + 1}` : "?");
  const key = `primary key (${quoted("session")}, ${quoted("line")})`;
  return {
    look: `select * from ${name} limit 0`,
    create: `create table ${name} (${[...columns, key].join(", ")})`,
    begin: dialect === "postgres" ? "begin" : "start transaction",
    remove: `delete from ${name} where ${quoted("session")} = ${mark(0)}`,
    insert(lines: number): string {
      const row = (i: number) => `(${COLUMNS.map((_, c) => mark(i * COLUMNS.length + c)).join(", ")})`;
      const rows = Array.from({ length: lines }, (_, i) => row(i));
      return `insert into ${name} (${COLUMNS.map(quoted).join(", ")}) values ${rows.join(", ")}`;
    },
  };
}

function valuesOf(dialect: Dialect, line: SinkLine): SqlValue[] {
  return COLUMNS.map((column) => {
    const value = line[column];
    // A moment of MySQL has no zone.
    if (dialect === "mysql" && column === "made_at" && typeof value === "string")
      return value.replace("T", " ").replace("Z", "");
    return value;
  });
}
