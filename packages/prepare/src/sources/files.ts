// Which files a source means: paths, globs, and folders of parts.
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Engine } from "../engine/engine.ts";
import { literal } from "../engine/sql.ts";
import { InputError } from "../errors.ts";

const ENDINGS = {
  csv: ["csv", "csv.gz"],
  ndjson: ["ndjson", "jsonl", "json", "ndjson.gz", "jsonl.gz", "json.gz"],
  parquet: ["parquet"],
} as const;

export type FileKind = keyof typeof ENDINGS;

/**
 * The files, each once, sorted by path. A path with `*`, `?` or `[` is a glob unless there is a file of that very name; a folder
 * means the files in it with a suitable extension. Throws `InputError` (`nofiles`, `unreadable`).
 */
export async function filesOf(
  engine: Engine,
  kind: FileKind,
  paths: string | readonly string[],
): Promise<string[]> {
  const found = new Set<string>();
  for (const path of typeof paths === "string" ? [paths] : paths) {
    for (const file of await filesOfPath(engine, kind, path)) found.add(file);
  }
  return [...found].sort();
}

async function filesOfPath(engine: Engine, kind: FileKind, path: string): Promise<string[]> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isFile() === true) return [path];
  const patterns =
    info?.isDirectory() === true
      ? ENDINGS[kind].map((ending) => join(escapeGlob(resolve(path)), `*.${ending}`))
      : /[*?[]/.test(path)
        ? [path]
        : [];
  if (patterns.length === 0) {
    throw new InputError("unreadable", {
      file: path,
      remedy: "There is no such file: check its path and rights.",
    });
  }
  const blame = { code: "damaged", file: path, remedy: "Check its path and rights." } as const;
  const rows = await Promise.all(
    patterns.map((pattern) => engine.rows(`select file from glob(${literal(pattern)})`, blame)),
  );
  const files = rows.flat().map(([file]) => String(file));
  if (files.length > 0) return files;
  const remedy = `Nothing matches${info === undefined ? "" : `, with an ending of ${ENDINGS[kind].join(", ")}`}.`;
  throw new InputError("nofiles", { file: path, remedy });
}

function escapeGlob(path: string): string {
  return path.replaceAll(/[*?[\]]/g, "[$&]");
}
