// Commands of this program as child processes, as a user types them.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { EXIT, OperatorError } from "../failure.ts";
import { PROGRAM } from "../program.ts";

export type Environment = Readonly<Record<string, string>>;

function start(args: readonly string[], env: Environment): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** What a command prints on stdout. Throws OperatorError with its words if it fails. */
export async function run(args: readonly string[], env: Environment): Promise<string> {
  const child = start(args, env);
  const [[exitCode], stdout, stderr] = await Promise.all([
    once(child, "close") as Promise<[number | null]>,
    text(child.stdout!),
    text(child.stderr!),
  ]);
  if (exitCode === EXIT.done) return stdout;
  const exit = exitCode ?? EXIT.protocolFailure;
  throw new OperatorError("process", `halfroom ${args[0]}: ${stderr.trim()}`, { exit });
}

/** Starts a command and resolves once a line of its stderr holds `sign`; gives what ends it. */
export async function startUntil(
  args: readonly string[],
  env: Environment,
  sign: string,
): Promise<() => Promise<void>> {
  const child = start(args, env);
  child.stdout!.resume();
  const lines: string[] = [];
  const seen = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr! }).on("line", (line) => {
      lines.push(line);
      if (line.includes(sign)) resolve();
    });
    child.once("close", () => reject(new OperatorError("process", lines.slice(-2).join("\n"))));
  });
  await seen;
  const ended = once(child, "close");
  return async () => {
    child.kill();
    await ended;
  };
}
