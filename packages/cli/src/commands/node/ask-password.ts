// A new password: from a file, or typed twice without being shown.
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { badInput } from "../../failure.ts";
import { ask, tell } from "../../print.ts";
import { textOf } from "./secret-file.ts";

/** Rejects with OperatorError `file`, `flags`. */
export async function newPassword({
  "password-file": file,
}: {
  readonly "password-file"?: string | undefined;
}): Promise<string> {
  if (file !== undefined) return (await textOf(file, "password")).replace(/\r?\n$/, "");
  if (!process.stdin.isTTY)
    throw badInput("Give --password-file FILE, or - for standard input, or type the command at a terminal.");
  const password = await typed("password: ");
  if ((await typed("once more: ")) !== password) throw badInput("The two are not the same; try again.");
  return password;
}

async function typed(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  ask(question);
  const stop = new AbortController();
  lines.on("SIGINT", () => stop.abort());
  try {
    return await lines.question("", { signal: stop.signal });
  } catch (cause) {
    throw badInput("No password was given; nothing was done.", cause);
  } finally {
    lines.close();
    tell("");
  }
}
