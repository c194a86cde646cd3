// Where reports go: stdout, and two files in a folder of the user's choice.
import { randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { printable } from "@halfroom/report";
import { OperatorError } from "./failure.ts";
import { sayWhole } from "./print.ts";
import type { RehearsalOutput } from "./rehearsal/output.ts";

/** Creates the folder; called before a run, so that a long one does not fail at its end. */
export async function makeFolder(folder: string): Promise<void> {
  await orBadInput(folder, mkdir(folder, { recursive: true }));
}

/** Writes report.json and report.csv, each whole or not at all. Replaces earlier ones and touches no other file. */
export async function writeReports(folder: string, { json, csv }: RehearsalOutput): Promise<void> {
  await orBadInput(folder, replaceFile(join(folder, "report.json"), json));
  await orBadInput(folder, replaceFile(join(folder, "report.csv"), csv));
}

/** Writes the file whole or not at all, over an earlier one. */
export async function replaceFile(path: string, content: string): Promise<void> {
  await writeWhole(path, (draft) => writeFile(draft, content, { flag: "wx", flush: true }));
}

const DRAFT_BYTES = 8;
const DRAFT = /^[0-9a-f]{16}\.tmp$/;
/** A draft that nothing was written to for so long is what a killed process left. */
const ABANDONED_MS = 600_000;

/** The file appears once `write` has written all of it to a draft beside it. */
export async function writeWhole(path: string, write: (draft: string) => Promise<void>): Promise<void> {
  await removeAbandoned(path);
  const draft = `${path}.${randomBytes(DRAFT_BYTES).toString("hex")}.tmp`;
  try {
    await write(draft);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

async function removeAbandoned(path: string): Promise<void> {
  const folder = dirname(path);
  const beginning = `${basename(path)}.`;
  const names = await readdir(folder).catch(() => []);
  const drafts = names.filter(
    (name) => name.startsWith(beginning) && DRAFT.test(name.slice(beginning.length)),
  );
  for (const draft of drafts.map((name) => join(folder, name))) {
    const entry = await lstat(draft).catch(() => undefined);
    if (entry !== undefined && Date.now() - entry.mtimeMs > ABANDONED_MS) await rm(draft, { force: true });
  }
}

/** Turns a file system error about the user's folder into an OperatorError `file`. */
export async function orBadInput<T>(folder: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OperatorError("file", `Cannot write to ${folder} (${code}); choose another --out.`, {
      cause: error,
    });
  }
}

/** Prints the report on stdout: for machines, or for people. */
export function printReport({ json, text }: RehearsalOutput, asJson: boolean): void {
  sayWhole(asJson ? json : text(colorsWanted(process.stdout)));
}

function colorsWanted(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
}

/** "12 rows dropped (email: empty 5, email: invalid 7)", or undefined if none were. */
export function droppedNote(dropped: Readonly<Record<string, number>>): string | undefined {
  const reasons = Object.entries(dropped).filter(([, count]) => count > 0);
  if (reasons.length === 0) return undefined;
  const total = reasons.reduce((sum, [, count]) => sum + count, 0);
  return `${total} rows dropped (${reasons.map(([reason, count]) => `${printable(reason)} ${count}`).join(", ")})`;
}
