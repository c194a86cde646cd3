// The embedded engine (DuckDB) that reads, filters and groups. Each preparation has an instance of its own, in memory, which
// spills to a folder that is removed afterwards. Before any expression of a dataset runs it is locked: it can open the source's
// files and its own folder, nothing else, and no statement can unlock it.
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type {
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBScalarFunction,
  DuckDBValue,
} from "@duckdb/node-api";
import { InputError } from "../errors.ts";
import { literal } from "./sql.ts";

export interface EngineOptions {
  /** Threads of the engine; by default one for each core. */
  readonly threads?: number | undefined;
  /** How much the engine may hold in memory before it spills; the process needs about 150 MiB on top. */
  readonly memoryLimitMiB?: number | undefined;
  /** Folder to spill to; it exists, and only this user may enter it. */
  readonly scratch: string;
}

const MEMORY_LIMIT_MIB = 768;

/** What an engine error is about; the engine's own words may quote data and are never passed on. */
export interface Blame {
  readonly code: "damaged" | "expression" | "json" | "resources";
  readonly file: string;
  readonly field?: string;
  readonly remedy: string;
}

export type DuckDb = typeof import("@duckdb/node-api");
/**
 * The library, loaded with the first engine: most commands prepare nothing and should not wait for it. `import` would take twice as
 * long: it first reads each of the library's files for the names that it exports.
 */
const loadDuckDb = () => createRequire(import.meta.url)("@duckdb/node-api") as DuckDb;

export class Engine {
  readonly duckDb: DuckDb;
  /** For the preparation's own files, readable by this user alone. */
  readonly folder: string;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  private constructor(
    duckDb: DuckDb,
    folder: string,
    instance: DuckDBInstance,
    connection: DuckDBConnection,
  ) {
    this.duckDb = duckDb;
    this.folder = folder;
    this.#instance = instance;
    this.#connection = connection;
  }

  static async open(options: EngineOptions): Promise<Engine> {
    const { threads = availableParallelism(), memoryLimitMiB = MEMORY_LIMIT_MIB } = options;
    const duckDb = loadDuckDb();
    const folder = await mkdtemp(join(options.scratch, "halfroom-prepare-"));
    try {
      const instance = await duckDb.DuckDBInstance.create(":memory:", {
        threads: String(threads),
        memory_limit: `${memoryLimitMiB}MiB`,
        temp_directory: join(folder, "spill"),
        autoinstall_known_extensions: "false",
        autoload_known_extensions: "false",
      });
      const connection = await instance.connect();
      // How dates and timestamps are read must not depend on where the node runs.
      await connection.run("set TimeZone = 'UTC'");
      return new Engine(duckDb, folder, instance, connection);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** From now on only these files and this engine's own folder can be opened. */
  async lock(files: readonly string[]): Promise<void> {
    await this.#connection.run(`set allowed_paths = [${files.map(literal).join(", ")}]`);
    await this.#connection.run(`set allowed_directories = [${literal(`${this.folder}/`)}]`);
    await this.#connection.run("set enable_external_access = false");
    await this.#connection.run("set lock_configuration = true");
  }

  register(scalar: DuckDBScalarFunction): void {
    this.#connection.registerScalarFunction(scalar);
  }

  async run(statement: string, blame: Blame): Promise<void> {
    await this.#blaming(blame, () => this.#connection.run(statement));
  }

  /** All rows of a small result. */
  async rows(statement: string, blame: Blame): Promise<DuckDBValue[][]> {
    const reader = await this.#blaming(blame, () => this.#connection.runAndReadAll(statement));
    return reader.getRows();
  }

  /** A result of any size, chunk by chunk. */
  async *chunks(statement: string, blame: Blame): AsyncGenerator<DuckDBDataChunk> {
    const result = await this.#blaming(blame, () => this.#connection.stream(statement));
    for (;;) {
      const chunk = await this.#blaming(blame, () => result.fetchChunk());
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk;
    }
  }

  /** Why the statement cannot be bound, in words about names and types, never a row's values; undefined if it can. */
  async unboundReason(statement: string): Promise<string | undefined> {
    try {
      const prepared = await this.#connection.prepare(statement);
      prepared.destroySync();
      return undefined;
    } catch (error) {
      return firstLine(error);
    }
  }

  async close(): Promise<void> {
    this.#connection.closeSync();
    this.#instance.closeSync();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #blaming<T>(blame: Blame, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(isShortage(error) ? "resources" : blame.code, {
        ...blame,
        ...(isShortage(error) && { remedy: "Give it more memory, or a scratch folder with more room." }),
      });
    }
  }
}

function isShortage(error: unknown): boolean {
  return (
    error instanceof Error && /^Out of Memory Error|No space left|max_temp_directory/.test(error.message)
  );
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  return (message.split("\n", 1)[0] ?? "").slice(0, 300);
}
