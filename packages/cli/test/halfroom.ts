// Runs the command as a user would, and writes small files to run it on.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { main } from "@halfroom/cli";
import { vi } from "vitest";

export const BIN = fileURLToPath(new URL("../bin/halfroom.js", import.meta.url));

export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function start(
  args: readonly string[],
  env: Record<string, string> = {},
): { child: ChildProcess; ended: Promise<Run> } {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const run = async (): Promise<Run> => {
    const [[exitCode], stdout, stderr] = await Promise.all([
      once(child, "close") as Promise<[number | null]>,
      text(child.stdout),
      text(child.stderr),
    ]);
    return { exitCode, stdout, stderr };
  };
  return { child, ended: run() };
}

export function halfroom(args: readonly string[], env?: Record<string, string>): Promise<Run> {
  return start(args, env).ended;
}

/** Runs a command that starts no sides within this process, as `bin/halfroom.js` does once the sources are loaded. */
export async function halfroomHere(args: readonly string[]): Promise<Run> {
  const printed = { stdout: "", stderr: "" };
  const spies = [
    // The library for flags prints its help so.
    vi.spyOn(console, "log").mockImplementation((text) => (printed.stdout += `${text}\n`)),
    vi.spyOn(process.stdout, "write").mockImplementation((text) => ((printed.stdout += text), true)),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => ((printed.stderr += text), true)),
  ];
  try {
    return { exitCode: await main(args), ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "halfroom-cli-test-"));
}

export function writeCsv(
  folder: string,
  name: string,
  rows: readonly (readonly (string | number)[])[],
): string {
  const path = join(folder, name);
  writeFileSync(path, rows.map((row) => `${row.join(",")}\n`).join(""));
  return path;
}

/** Whether it is running, and not a zombie waiting for its parent. */
export function isAlive(pid: number): boolean {
  const status = `/proc/${pid}/status`;
  return existsSync(status) && !/^State:\s+Z/m.test(readFileSync(status, "utf8"));
}

/** Pids of the children of a process. */
export function childrenOf(pid: number): number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return list === "" ? [] : list.split(" ").map(Number);
}
