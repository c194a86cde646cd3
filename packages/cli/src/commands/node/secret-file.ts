// Secrets that a command takes from a file, or from standard input: as an argument, every account of the machine could read them in the list
// of processes.
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { badInput, OperatorError } from "../../failure.ts";

/** Far more than any of them has. */
const BYTES_MAX = 65_536;

/** The text of the file; `-` is standard input. `what` it holds is for the words of the errors `file`, `flags`. */
export async function textOf(file: string, what: string): Promise<string> {
  try {
    const bytes = file === "-" ? await buffer(process.stdin) : await readFile(file);
    if (bytes.length > BYTES_MAX) throw badInput(`${file} is too long: give the file with the ${what}.`);
    return bytes.toString("utf8");
  } catch (cause) {
    if (cause instanceof OperatorError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new OperatorError("file", `Cannot read ${file} (${code}); give the file with the ${what}.`, {
      cause,
    });
  }
}
