// Terminals in which a document's blocks are typed: bash in a folder, with what earlier blocks exported.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Block } from "./blocks.ts";

const HALFROOM = fileURLToPath(new URL("../../packages/cli/bin/halfroom.js", import.meta.url));

export interface Terminal {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Typed {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with the command `halfroom` of this checkout. */
function binFolder(): string {
  const bin = mkdtempSync(join(tmpdir(), "halfroom-bin-"));
  const command = join(bin, "halfroom");
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${HALFROOM}" "$@"\n`);
  chmodSync(command, 0o755);
  return bin;
}

const BIN = binFolder();

export class Terminals {
  readonly #terminals: Readonly<Record<string, Terminal>>;
  /** What each terminal has exported so far. */
  readonly #exported = new Map<string, string>();
  readonly #background: ChildProcess[] = [];

  constructor(terminals: Readonly<Record<string, Terminal>>) {
    this.#terminals = terminals;
    for (const { folder } of Object.values(terminals)) mkdirSync(folder, { recursive: true });
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#terminals, name);
  }

  /** Writes what a document shows of a file. */
  write(name: string, file: string, content: string): void {
    writeFileSync(join(this.#terminals[name]!.folder, file), `${content}\n`);
  }

  /** Types a script and waits for its end; in the background, for nothing. */
  async type(name: string, script: string, background = false): Promise<Typed | undefined> {
    const { folder, env } = this.#terminals[name]!;
    const exports = this.#exported.get(name) ?? "";
    const child = spawn("bash", ["-euo", "pipefail", "-c", `${exports}\n${script}`], {
      cwd: folder,
      env: { ...process.env, ...env, PATH: `${BIN}:${process.env["PATH"]}`, HALFROOM_ASK_SECONDS: "0.2" },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const news = script.split("\n").filter((line) => line.startsWith("export "));
    this.#exported.set(name, [exports, ...news].join("\n"));
    if (background) {
      this.#background.push(child);
      child.stdout.resume();
      child.stderr.resume();
      return undefined;
    }
    const [[exitCode], stdout, stderr] = await Promise.all([
      once(child, "close") as Promise<[number | null]>,
      text(child.stdout),
      text(child.stderr),
    ]);
    return { exitCode, stdout, stderr };
  }

  /** Ends everything that still runs in the background. */
  close(): void {
    for (const { pid } of this.#background) {
      try {
        process.kill(-pid!, "SIGKILL");
      } catch {
        // It has already ended.
      }
    }
  }
}

/** The terminal that a block names, or the document's first one. */
export function terminalOf({ words }: Block, terminals: Terminals, first: string): string {
  return words.slice(1).find((word) => terminals.has(word)) ?? first;
}
