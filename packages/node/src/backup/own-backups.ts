// Backups that lie in the node's own folder, because whoever asked for them is not on its machine: the owner's own means carry them away
// from there. They never leave it over HTTP, since whoever can open one is the node.
import { existsSync } from "node:fs";
import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, OperatorError } from "../errors.ts";
import type { NodeFolder } from "../store/folder.ts";

const FOLDER = "backups";
const ENDING = ".age";
/** More of them would fill the disk, if somebody makes one after the other. */
const BACKUPS_MAX = 30;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export interface OwnBackup {
  /** Without its ending. */
  readonly name: string;
  readonly bytes: number;
  /** When it was whole, in milliseconds since 1970. */
  readonly madeAt: number;
}

export function backupsFolder({ path }: NodeFolder): string {
  return join(path, FOLDER);
}

/** By name: the newest last, if they have the names that `newBackup` makes up. Errors: `folder`. */
export async function ownBackups(folder: NodeFolder): Promise<OwnBackup[]> {
  const place = backupsFolder(folder);
  const files = await readdir(place).catch((cause: unknown) => {
    if (codeOf(cause) === "ENOENT") return [];
    throw unusable(place, cause);
  });
  const names = files.filter((file) => file.endsWith(ENDING)).toSorted();
  return await Promise.all(
    names.map(async (file) => {
      const { size: bytes, mtimeMs } = await stat(join(place, file));
      return { name: file.slice(0, -ENDING.length), bytes, madeAt: Math.floor(mtimeMs) };
    }),
  );
}

/** The file of a backup that is to be made; `name` without an ending. Errors: `name`, `file`, `folder`. */
export async function newBackup(
  folder: NodeFolder,
  name: string | undefined,
  now: number,
): Promise<{ readonly name: string; readonly file: string }> {
  const called = name ?? `node-${new Date(now).toISOString().slice(0, 19).replaceAll(":", "-")}Z`;
  if (!NAME.test(called))
    throw new OperatorError(
      "name",
      "The name of a backup has 1 to 64 letters, digits and . _ - and begins with a letter or digit.",
    );
  const place = backupsFolder(folder);
  await mkdir(place, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw unusable(place, cause);
  });
  if ((await ownBackups(folder)).length >= BACKUPS_MAX)
    throw new OperatorError(
      "file",
      `${place} has ${BACKUPS_MAX} backups, as many as it may: move some elsewhere first.`,
    );
  const file = join(place, `${called}${ENDING}`);
  if (existsSync(file))
    throw new OperatorError("file", `${file} is there already: choose another name, or move it away.`);
  return { name: called, file };
}

function unusable(place: string, cause: unknown): OperatorError {
  const words = `Cannot use ${place} (${codeOf(cause)}); make it a folder that this account alone may use.`;
  return new OperatorError("folder", words, { cause });
}
