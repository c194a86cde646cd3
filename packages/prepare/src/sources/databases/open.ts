// A database that somebody writes to, by the same rules as one that a dataset is read from: where its URL is, TLS, passwords. Its driver is
// loaded once one is opened.
import { InputError } from "../../errors.ts";
import type { UrlPlace } from "./credentials.ts";

export type { UrlPlace } from "./credentials.ts";
export { holdsPassword } from "./url.ts";

/** A statement may take so long. */
const STATEMENT_MS = 30_000;

export type SqlValue = string | number | null;

export interface OpenDatabase {
  /** One statement; `?` in MySQL and MariaDB, `$1` and so on in PostgreSQL stand for the values. Returns the names of the answer's columns. Rejects with `SqlFault`. */
  run(sql: string, values?: readonly SqlValue[]): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** A statement that failed. `code`: SQLSTATE, or what MySQL calls the error; the server's words, which may quote values, are left out. */
export class SqlFault extends Error {
  readonly code: string;

  constructor(code: string, cause: unknown) {
    super(`the database says ${code}`, { cause });
    this.code = code;
  }
}

/** Throws `InputError` (`connection`, `credentials`). */
export async function openPostgres(place: UrlPlace, label: string): Promise<OpenDatabase> {
  const { connectPostgres } = await import("./postgres.ts");
  const client = await connectPostgres(place, label, { query_timeout: STATEMENT_MS });
  // Whoever runs a statement hears of it.
  client.on("error", () => undefined);
  return {
    async run(text, values = []) {
      try {
        const { fields } = await client.query({ text, values: [...values], rowMode: "array" });
        return fields.map(({ name }) => name);
      } catch (error) {
        throw faultOf(error);
      }
    },
    async close() {
      await client.end().catch(() => undefined);
    },
  };
}

/** Throws `InputError` (`connection`, `credentials`). */
export async function openMysql(place: UrlPlace, label: string): Promise<OpenDatabase> {
  const { connectMysql } = await import("./mysql.ts");
  const connection = await connectMysql(place, label);
  connection.on("error", () => undefined);
  return {
    async run(sql, values = []) {
      return await new Promise((resolve, reject) =>
        connection.query({ sql, values: [...values], timeout: STATEMENT_MS }, (error, _rows, fields) => {
          if (error !== null) return reject(faultOf(error));
          resolve(Array.isArray(fields) ? fields.map(({ name }) => name) : []);
        }),
      );
    },
    async close() {
      connection.destroy();
    },
  };
}

function faultOf(error: unknown): unknown {
  if (error instanceof InputError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return new SqlFault(/^[A-Z0-9_]{2,64}$/.test(code) ? code : "nothing of the reason", error);
}
