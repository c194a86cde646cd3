// Which files a source means: paths, globs, and folders of parts; and what the names of folders say about the rows in them.
import { readdir, realpath, stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import type { Engine } from "../engine/engine.ts";
import { literal } from "../engine/sql.ts";
import { InputError } from "../errors.ts";
import { readingError } from "./bytes.ts";
import { chosen, isMark, type FileKind } from "./kinds.ts";
import { isRemote } from "./objects/names.ts";

export interface Files {
  /** Paths and names of objects, each once, sorted. */
  readonly paths: readonly string[];
  /** Files in folders whose ending is not of the kind. */
  readonly passedOver: readonly string[];
  /** Whether the source is one file, named as such. */
  readonly single: boolean;
}

/**
 * A path with `*`, `?` or `[` is a glob unless there is a file of that very name; a folder means the files in it and in its folders with
 * a suitable ending. `remote` finds those of a path that means objects of a store. Throws `InputError` (`nofiles`, `unreadable`).
 */
export async function filesOf(
  engine: Engine,
  kind: FileKind,
  paths: string | readonly string[],
  remote: (path: string) => Promise<Pick<Files, "paths" | "passedOver">>,
): Promise<Files> {
  const given = [paths].flat();
  const found = new Set<string>();
  const passedOver = new Set<string>();
  for (const path of given) {
    const files = isRemote(path) ? await remote(path) : await localFiles(engine, kind, path);
    files.paths.forEach((file) => found.add(file));
    files.passedOver.forEach((file) => passedOver.add(file));
  }
  const single = given.length === 1 && found.has(given[0]!);
  return { paths: [...found].sort(), passedOver: [...passedOver].sort(), single };
}

async function localFiles(
  engine: Engine,
  kind: FileKind,
  path: string,
): Promise<Pick<Files, "paths" | "passedOver">> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isFile() === true) return { paths: [path], passedOver: [] };
  if (info?.isDirectory() !== true) return { paths: await filesOfGlob(engine, path), passedOver: [] };
  const inside: string[] = [];
  for await (const file of filesUnder(path, new Set())) inside.push(file);
  return chosen(kind, path, inside, path.length);
}

/** All files in a folder and the folders in it, links followed, no folder twice. */
async function* filesUnder(folder: string, entered: Set<string>): AsyncGenerator<string> {
  const real = await realpath(folder);
  if (entered.has(real)) return;
  entered.add(real);
  const names = await readdir(folder).catch((error: unknown) => {
    throw readingError(folder, error);
  });
  for (const name of names.sort()) {
    const path = join(folder, name);
    const info = await stat(path).catch(() => undefined);
    if (info?.isDirectory() !== true) yield path;
    else if (!isMark(name)) yield* filesUnder(path, entered);
  }
}

async function filesOfGlob(engine: Engine, pattern: string): Promise<string[]> {
  if (!/[*?[]/.test(pattern)) {
    throw new InputError("unreadable", {
      file: pattern,
      remedy: "There is no such file: check its path and rights.",
    });
  }
  const blame = { code: "damaged", file: pattern, remedy: "Check its path and rights." } as const;
  const rows = await engine.rows(`select file from glob(${literal(pattern)})`, blame);
  if (rows.length > 0) return rows.map(([file]) => String(file));
  throw new InputError("nofiles", {
    file: pattern,
    remedy: "Nothing matches; upper and lower case differ, in endings too.",
  });
}

/** How Hive writes NULL. */
const NULL_FOLDER = "__HIVE_DEFAULT_PARTITION__";

/**
 * The columns that folders hold by their names, as Hive writes partitions: `month=2026-01`, percent-encoded. Throws `InputError` (`twice`)
 * for a name that occurs twice on the way.
 */
export function folderColumns(file: string): ReadonlyMap<string, string | null> {
  const columns = new Map<string, string | null>();
  for (const folder of dirname(file).split(sep)) {
    const [, encodedName, encodedValue] = /^([^=]+)=(.*)$/s.exec(folder) ?? [];
    if (encodedName === undefined || encodedValue === undefined) continue;
    const name = decoded(encodedName);
    if (columns.has(name)) {
      const remedy = "Two folders on its path give it a value: rename one.";
      throw new InputError("twice", { file, field: name, remedy });
    }
    columns.set(name, encodedValue === NULL_FOLDER ? null : decoded(encodedValue));
  }
  return columns;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that encodes nothing.
    return text;
  }
}
