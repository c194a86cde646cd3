// A table or a query of an SQLite file as a relation of the engine. A column there has no type of its own, each of its cells has: a column
// of whole numbers, of numbers or of bytes becomes one of that type, and any other a column of text.
import { DatabaseSync } from "@photostructure/sqlite";
import type { SqliteSource } from "../../dataset/source.ts";
import type { Engine } from "../../engine/engine.ts";
import { identifier } from "../../engine/sql.ts";
import { InputError } from "../../errors.ts";
import type { Part } from "../part.ts";
import { answerPart, writeAnswer, type Cell } from "./copy.ts";
import { withoutSemicolon } from "./statement.ts";

/** How long a program that is writing is waited for. */
const BUSY_MS = 10_000;

/** Throws `InputError` (`unreadable`, `damaged`, `query`, `size`, `encoding`). */
export async function sqlitePart(engine: Engine, { file, table, query }: SqliteSource): Promise<Part> {
  const select = query === undefined ? `select * from ${identifier(table!)}` : withoutSemicolon(query);
  let database: InstanceType<typeof DatabaseSync> | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS });
    // Only one SELECT may stand in brackets; further statements would be passed over without a word.
    database.prepare(`select * from (${select}\n)`);
    const statement = database.prepare(select);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    const names = statement.columns().map(({ name }) => name);
    const kinds = names.map(() => new Set<Kind>());
    const rows = await writeAnswer(engine, file, names, cellsOf(statement.iterate(), kinds));
    const columns = names.map((name, i) => ({ name, type: typeOf(kinds[i]!) }));
    return answerPart(engine, file, { columns, rows });
  } catch (error) {
    throw sqliteError(error, file);
  } finally {
    database?.close();
  }
}

/** Whole numbers of at most and of more than 2^53, which a double holds or not; other numbers; texts; bytes. */
type Kind = "whole" | "long" | "real" | "text" | "bytes";

/** Notes in `kinds` what the columns hold. */
function* cellsOf(rows: Iterable<unknown>, kinds: readonly Set<Kind>[]): Generator<Cell[]> {
  for (const row of rows) {
    yield (row as unknown[]).map((value, i) => {
      if (value === null) return null;
      const [cell, kind] = cellOf(value);
      kinds[i]!.add(kind);
      return cell;
    });
  }
}

const EXACT_MAX = 2n ** 53n;

function cellOf(value: unknown): [Cell, Kind] {
  if (typeof value === "bigint") {
    return [String(value), value <= EXACT_MAX && value >= -EXACT_MAX ? "whole" : "long"];
  }
  if (typeof value === "number") {
    // Its last digits may be lost, so that beside texts it must not look like one that has them all.
    const lost = Number.isInteger(value) && BigInt(Math.abs(value)) >= EXACT_MAX;
    return [lost ? value.toExponential() : String(value), "real"];
  }
  if (typeof value !== "string") return [value as Uint8Array, "bytes"];
  // What would be taken for bytes in the copy is written as those that it is.
  return value.startsWith("\\x") ? [Buffer.from(value), "bytes"] : [value, "text"];
}

function typeOf(kinds: ReadonlySet<Kind>): string | undefined {
  if (kinds.has("bytes")) return "BLOB";
  if (kinds.has("text") || kinds.size === 0) return undefined;
  if (!kinds.has("real")) return "BIGINT";
  return kinds.has("long") ? undefined : "DOUBLE";
}

/** SQLite's words may quote values; the name of its error never does. */
function sqliteError(error: unknown, file: string): unknown {
  if (error instanceof InputError || !(error instanceof Error) || !("code" in error)) return error;
  if (error.code !== "ERR_SQLITE_ERROR") return error;
  const name = "sqliteCodeName" in error ? String(error.sqliteCodeName) : "SQLITE_ERROR";
  if (/^SQLITE_(?:NOTADB|CORRUPT)/.test(name)) {
    return new InputError("damaged", { file, remedy: "It is no complete SQLite database; copy it again." });
  }
  if (/^SQLITE_(?:CANTOPEN|PERM|READONLY|IOERR)/.test(name)) {
    const remedy = `SQLite says ${name}: check its path and rights, also those of its folder.`;
    return new InputError("unreadable", { file, remedy });
  }
  if (/^SQLITE_(?:BUSY|LOCKED)/.test(name)) {
    return new InputError("unreadable", {
      file,
      remedy: "Another program is writing to it: run it again later.",
    });
  }
  const remedy = `${name}: run the query in sqlite3 to see what it says. It has to be one SELECT.`;
  return new InputError("query", { file, remedy });
}
