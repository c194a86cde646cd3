// A dataset's source, opened: its parts, with the engine locked onto them.
import { stat } from "node:fs/promises";
import type { Dataset, Source } from "../dataset/schema.ts";
import type { Engine } from "../engine/engine.ts";
import { InputError } from "../errors.ts";
import { csvPart, examineCsv } from "./csv.ts";
import { filesOf } from "./files.ts";
import { ndjsonPart } from "./ndjson.ts";
import { parquetPart } from "./parquet.ts";
import type { Part } from "./part.ts";

export interface OpenSource {
  readonly parts: readonly Part[];
  /** Throws `InputError` (`changed`) if a file has changed since it was opened. */
  assertUnchanged(): Promise<void>;
}

/** Throws `InputError`. */
export async function openSource(engine: Engine, { name, source }: Dataset): Promise<OpenSource> {
  if ("postgres" in source) {
    await engine.lock([]);
    // Loaded only for a database: the client is large.
    const { postgresPart } = await import("./postgres.ts");
    const part = await postgresPart(engine, source.postgres, `the query of dataset ${name}`);
    return { parts: [part], assertUnchanged: async () => undefined };
  }
  const [kind, paths] = fileSource(source);
  const files = await filesOf(engine, kind, paths);
  await engine.lock(files);
  const before = await stamps(files);
  const parts: Part[] = [];
  for (const [index, file] of files.entries()) {
    if (kind === "csv")
      parts.push(csvPart(file, await examineCsv(engine, file, index), { quotedNull: true }));
    else parts.push(await (kind === "ndjson" ? ndjsonPart : parquetPart)(engine, file));
  }
  return {
    parts,
    async assertUnchanged() {
      const after = await stamps(files);
      const changed = files.find((_, i) => before[i] !== after[i]);
      if (changed === undefined) return;
      throw new InputError("changed", {
        file: changed,
        remedy: "Run it again when nothing is writing to the file.",
      });
    },
  };
}

function fileSource(source: Exclude<Source, { postgres: unknown }>) {
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
