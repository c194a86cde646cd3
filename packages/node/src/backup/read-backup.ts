// Reads a backup into an empty folder. Whoever made it had its key; all the same, only files that a node has are written, and nothing
// is used before the whole of it was authentic.
import { createReadStream, existsSync } from "node:fs";
import { chmod, mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Decrypter } from "age-encryption";
import { extract } from "tar";
import { codeOf, OperatorError } from "../errors.ts";
import { flush } from "../store/whole-file.ts";
import { ABOUT, LATER_FILES, NODE_FILES, noBackup, readAbout, type About } from "./contents.ts";
import { counted, type OnBackup } from "./make-backup.ts";

/** How each file of age begins. */
const AGE = "age-encryption.org/v1\n";
const NO_KEY = "no identity matched any of the file's recipients";

/**
 * Decrypts `file` into the folder `into`, each file private and on the disk. Errors: `file`; `backup`, `backup-key`, `newer-store`;
 * `folder`, if there is no room.
 */
export async function readBackup(
  file: string,
  into: string,
  decrypter: Decrypter,
  onProgress: OnBackup,
): Promise<About> {
  const total = await sizeOfBackup(file);
  const sealed = counted(createReadStream(file), (done) => onProgress({ step: "decrypt", done, total }));
  const plain = await decrypted(
    Readable.toWeb(Readable.from(sealed)) as ReadableStream<Uint8Array>,
    file,
    decrypter,
  );
  await unpack(plain, file, into);
  for (const name of [ABOUT, ...NODE_FILES]) {
    const path = join(into, name);
    if (LATER_FILES.includes(name) && !existsSync(path)) continue;
    await chmod(path, 0o600).catch((cause: unknown) => {
      throw noBackup(file, "does not hold a node", cause);
    });
    flush(path);
  }
  return readAbout(await readFile(join(into, ABOUT), "utf8"), file);
}

/** Errors: `file`, `backup`. */
async function sizeOfBackup(file: string): Promise<number> {
  const start = Buffer.alloc(AGE.length);
  let size: number;
  try {
    const handle = await open(file);
    try {
      await handle.read(start, 0, start.length, 0);
      ({ size } = await handle.stat());
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new OperatorError("file", `Cannot read ${file} (${codeOf(cause)}).`, { cause });
  }
  if (start.toString("latin1") !== AGE) throw noBackup(file, "is no file of age");
  return size;
}

async function decrypted(
  sealed: ReadableStream<Uint8Array>,
  file: string,
  decrypter: Decrypter,
): Promise<ReadableStream<Uint8Array>> {
  try {
    return await decrypter.decrypt(sealed);
  } catch (cause) {
    if ((cause as Error).message !== NO_KEY) throw noBackup(file, "is cut short or was changed", cause);
    const words = `What was given does not open ${file}: it was encrypted for another passphrase or recipient.`;
    throw new OperatorError("backup-key", words, { cause });
  }
}

/** Errors: `backup`, `folder`. */
async function unpack(plain: ReadableStream<Uint8Array>, file: string, into: string): Promise<void> {
  await mkdir(join(into, "keys"), { mode: 0o700 });
  const names: ReadonlySet<string> = new Set([ABOUT, ...NODE_FILES]);
  let stranger = false;
  const filter = (path: string, entry: { readonly type?: string } | object): boolean => {
    const isOurs = names.has(path) && (entry as { type?: string }).type === "File";
    stranger ||= !isOurs;
    return isOurs;
  };
  try {
    await pipeline(
      Readable.fromWeb(plain as never),
      extract({ cwd: into, strict: true, noMtime: true, filter }),
    );
  } catch (cause) {
    const code = codeOf(cause);
    if (["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EIO"].includes(code))
      throw new OperatorError(
        "folder",
        `Cannot write to ${into} (${code}); free space on its disk, or make it writable.`,
        { cause },
      );
    throw noBackup(file, "is cut short or was changed", cause);
  }
  if (stranger) throw noBackup(file, "holds what is no file of a node");
}
