// Passwords and passphrases: from a file, or typed without being shown.
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { badInput } from "../../failure.ts";
import { ask, tell } from "../../print.ts";
import { textOf } from "./secret-file.ts";

type Secret = "password" | "passphrase";

/** A new password: from a file, or typed twice. Rejects with OperatorError `file`, `flags`. */
export async function newPassword({
  "password-file": file,
}: {
  readonly "password-file"?: string | undefined;
}): Promise<string> {
  if (file !== undefined) return (await textOf(file, "password")).replace(/\r?\n$/, "");
  if (!isTerminal())
    throw badInput("Give --password-file FILE, or - for standard input, or type the command at a terminal.");
  return await typedTwice("password");
}

/** Whether somebody is there to be asked. */
export function isTerminal(): boolean {
  return process.stdin.isTTY;
}

/** One that is new: a slip would lock away what it locks. Rejects with OperatorError `flags`. */
export async function typedTwice(what: Secret): Promise<string> {
  const secret = await typed(what, what);
  if ((await typed(what, "once more")) !== secret) throw badInput("The two are not the same; try again.");
  return secret;
}

/** One that there is. Rejects with OperatorError `flags`. */
export async function typedOnce(what: Secret): Promise<string> {
  return await typed(what, what);
}

async function typed(what: Secret, question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  ask(`${question}: `);
  const stop = new AbortController();
  lines.on("SIGINT", () => stop.abort());
  // The end of the input asks no more.
  lines.on("close", () => stop.abort());
  try {
    return await lines.question("", { signal: stop.signal });
  } catch (cause) {
    throw badInput(`No ${what} was given; nothing was done.`, cause);
  } finally {
    lines.close();
    tell("");
  }
}
