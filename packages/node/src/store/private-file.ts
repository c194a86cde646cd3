// Files for the node's owner alone: mode 0600, checked whenever they are read.
import { open, writeFile } from "node:fs/promises";
import { codeOf, OperatorError, unwritable } from "../errors.ts";

/** The bits of a file's mode that give rights to the group or others. */
const OTHERS = 0o077;

/** Writes a new file, whole and flushed to disk; `contents` says what it holds. Errors: `folder`, if it exists or cannot be written. */
export async function writePrivateFile(
  path: string,
  contents: string,
  text: string | Uint8Array,
): Promise<void> {
  try {
    await writeFile(path, text, { flag: "wx", mode: 0o600, flush: true });
  } catch (cause) {
    throw unwritable(path, contents, cause);
  }
}

/** Reads a file that only its owner may read or write. Errors: `open-to-others`, `folder`. */
export async function readPrivateFile(path: string): Promise<string> {
  try {
    const file = await open(path, "r");
    try {
      assertPrivate(path, (await file.stat()).mode);
      return await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof OperatorError) throw cause;
    throw new OperatorError("folder", `Cannot read ${path} (${codeOf(cause)}).`, { cause });
  }
}

/** Errors: `open-to-others`, if `mode` gives the group or others any right. */
function assertPrivate(path: string, mode: number): void {
  if ((mode & OTHERS) === 0) return;
  const rights = (mode & 0o777).toString(8).padStart(4, "0");
  throw new OperatorError(
    "open-to-others",
    `${path} is open to others (mode ${rights}); close it with: chmod 600 ${path}`,
  );
}
