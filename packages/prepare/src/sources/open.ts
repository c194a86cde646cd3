// A dataset's source, opened: its parts, with the engine locked onto them.
import { stat } from "node:fs/promises";
import type { Dataset } from "../dataset/schema.ts";
import type { FileSource, Source, TextOptions } from "../dataset/source.ts";
import type { Engine } from "../engine/engine.ts";
import { InputError } from "../errors.ts";
import { filled, gapsIn, withFolders, type Gap } from "./alike.ts";
import { lookAt, type SourceFile } from "./bytes.ts";
import { csvPart, examineCsv } from "./csv.ts";
import { delimiterName, dialectOf } from "./csv-dialect.ts";
import { filesOf } from "./files.ts";
import type { FileKind } from "./kinds.ts";
import { ndjsonPart } from "./ndjson.ts";
import { isRemote } from "./objects/names.ts";
import { SourceObjects } from "./objects/objects.ts";
import { parquetPart } from "./parquet.ts";
import type { Part } from "./part.ts";

/** How the source's files were read, for its owner. */
export interface SourceReading {
  /** Of which some may be empty; 0 for a database. */
  readonly files: number;
  readonly emptyFiles: number;
  /** Files in its folders that have another ending. */
  readonly passedOver: readonly string[];
  readonly gaps: readonly Gap[];
  /** What separates the fields of CSV files, in words, and the encodings of files of text. */
  readonly delimiters: readonly string[];
  readonly encodings: readonly string[];
}

const NO_FILES: SourceReading = {
  files: 0,
  emptyFiles: 0,
  passedOver: [],
  gaps: [],
  delimiters: [],
  encodings: [],
};

export interface OpenSource {
  readonly parts: readonly Part[];
  readonly reading: SourceReading;
  /** Throws `InputError` (`changed`) if a file has changed since it was opened. */
  assertUnchanged(): Promise<void>;
}

/** Throws `InputError`. */
export async function openSource(engine: Engine, dataset: Dataset): Promise<OpenSource> {
  const { name, source } = dataset;
  if (!isOfFiles(source)) {
    await engine.lock([]);
    const part = await databasePart(engine, source, `the query of dataset ${name}`);
    return { parts: [part], reading: NO_FILES, assertUnchanged: async () => undefined };
  }
  const [kind, given] = fileSource(source);
  const { paths, passedOver, single, local, before, copies } = await located(engine, kind, given);
  const options: TextOptions = "parquet" in source ? {} : source;
  const found = { delimiters: new Set<string>(), encodings: new Set<string>() };
  const parts: Part[] = [];
  for (const [index, name] of paths.entries()) {
    const file = { name, path: copies.get(name) ?? name };
    const part = await openFile(engine, { kind, file, index, options, found }).catch(orEmpty);
    if (part !== undefined) parts.push(withFolders(part));
    else if (single || paths.length === 1) throw emptySource(name);
  }
  if (parts.length === 0) throw emptySource([given].flat().join(", "));
  return {
    parts: filled(parts, dataset, kind === "ndjson"),
    reading: {
      files: paths.length,
      emptyFiles: paths.length - parts.length,
      passedOver,
      gaps: gapsIn(parts, dataset),
      delimiters: [...found.delimiters],
      encodings: [...found.encodings],
    },
    async assertUnchanged() {
      // Copies of objects are of one version each.
      const after = await stamps(local);
      const changed = local.find((_, i) => before[i] !== after[i]);
      if (changed === undefined) return;
      throw new InputError("changed", {
        file: changed,
        remedy: "Run it again when nothing is writing to the file.",
      });
    },
  };
}

/** Finds the source's files, locks the engine onto those of this machine, and copies those of stores. */
async function located(engine: Engine, kind: FileKind, given: string | readonly string[]) {
  const objects = new SourceObjects(engine.folder);
  try {
    const files = await filesOf(engine, kind, given, (path) => objects.find(kind, path));
    const local = files.paths.filter((path) => !isRemote(path));
    await engine.lock(local);
    const before = await stamps(local);
    return { ...files, local, before, copies: await objects.copies(files.paths) };
  } finally {
    objects.close();
  }
}

interface FileQuestion {
  readonly kind: FileKind;
  readonly file: SourceFile;
  readonly index: number;
  readonly options: TextOptions;
  readonly found: { readonly delimiters: Set<string>; readonly encodings: Set<string> };
}

/** Undefined for a file without a byte of content. */
async function openFile(
  engine: Engine,
  { kind, file: source, index, options, found }: FileQuestion,
): Promise<Part | undefined> {
  if (kind === "parquet") return parquetPart(engine, source);
  const file = await lookAt(source, options.encoding ?? "utf-8");
  if (file.blank) return undefined;
  found.encodings.add(file.encoding);
  if (kind === "ndjson") {
    const part = await ndjsonPart(engine, file, index);
    return part.columns.length === 0 ? undefined : part;
  }
  const dialect = await dialectOf(file, options.delimiter);
  const csv = await examineCsv(engine, file, dialect, index);
  found.delimiters.add(delimiterName(dialect.delimiter));
  return csvPart(file.name, csv, { quotedNull: true });
}

/** A part of blank lines is as empty as one of no bytes. */
function orEmpty(error: unknown): undefined {
  if (error instanceof InputError && error.code === "empty") return undefined;
  throw error;
}

function emptySource(file: string): InputError {
  return new InputError("empty", { file, remedy: "Look at what should have written it." });
}

function isOfFiles(source: Source): source is FileSource {
  return "csv" in source || "ndjson" in source || "parquet" in source;
}

/** Clients of databases are large, so that each is loaded only for its own. */
async function databasePart(
  engine: Engine,
  source: Exclude<Source, FileSource>,
  label: string,
): Promise<Part> {
  if ("sqlite" in source) return (await import("./databases/sqlite.ts")).sqlitePart(engine, source.sqlite);
  if ("mysql" in source) return (await import("./databases/mysql.ts")).mysqlPart(engine, source.mysql, label);
  return (await import("./databases/postgres.ts")).postgresPart(engine, source.postgres, label);
}

function fileSource(source: FileSource) {
  if ("csv" in source) return ["csv", source.csv] as const;
  return "ndjson" in source ? (["ndjson", source.ndjson] as const) : (["parquet", source.parquet] as const);
}

async function stamps(files: readonly string[]): Promise<string[]> {
  return Promise.all(
    files.map(async (file) => {
      const info = await stat(file, { bigint: true }).catch(() => undefined);
      return info === undefined ? "gone" : `${info.ino} ${info.size} ${info.mtimeNs}`;
    }),
  );
}
