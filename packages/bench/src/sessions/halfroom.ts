// Runs a node's commands as child processes, as a user types them.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { Failure } from "../failure.ts";
import { HALFROOM } from "../program.ts";

/** Where a node's commands run. */
export interface Site {
  readonly env: Readonly<Record<string, string>>;
  /** What goes before each command. */
  readonly prefix: readonly string[];
}

function start(args: readonly string[], { env, prefix }: Site): ChildProcess {
  const [command, ...rest] = [...prefix, process.execPath, HALFROOM, ...args];
  return spawn(command!, rest, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
}

/** What a command prints on stdout. Throws Failure with its error message if it fails. */
export async function run(args: readonly string[], site: Site): Promise<string> {
  const child = start(args, site);
  const [[exitCode], stdout, stderr] = await Promise.all([
    once(child, "close") as Promise<[number | null]>,
    text(child.stdout!),
    text(child.stderr!),
  ]);
  if (exitCode === 0) return stdout;
  throw new Failure(`halfroom ${args[0]}: ${stderr.trim()}`, exitCode ?? undefined);
}

/** Starts a command and resolves once a line of its stderr contains `sign`, to a function that ends it. */
export async function startUntil(
  args: readonly string[],
  site: Site,
  sign: string,
): Promise<() => Promise<void>> {
  const child = start(args, site);
  child.stdout!.resume();
  const lines: string[] = [];
  const seen = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr! }).on("line", (line) => {
      lines.push(line);
      if (line.includes(sign)) resolve();
    });
    child.once("close", () => reject(new Failure(lines.slice(-2).join("\n"))));
  });
  await seen;
  const ended = once(child, "close");
  return async () => {
    child.kill();
    await ended;
  };
}
