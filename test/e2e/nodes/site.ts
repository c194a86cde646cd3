// One company's site: a folder, the command as its user types it, and its serving process.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { freePort } from "../../ports/free-port.ts";

/** The Node binary that runs the command: a different version from that of the tests, if the variable names one. */
const NODE = process.env["HALFROOM_TEST_NODE"] ?? process.execPath;
const HALFROOM = fileURLToPath(new URL("../../../packages/cli/bin/halfroom.js", import.meta.url));

export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Run>;
  /** Resolves with the first line of stderr, from line `from` on, that `wanted` accepts; rejects if the process ends first. */
  seen(wanted: (line: string) => boolean, from?: number): Promise<string>;
  /** Lines of stderr so far. */
  lineCount(): number;
  /** As `kill -9`. */
  kill(): Promise<void>;
}

export class Site {
  /** A command line that runs the one behind it, for example as another account. */
  runner: readonly string[] = [];
  /** The file of the command: this checkout's, or that of an installation. */
  command = HALFROOM;
  readonly folder: string;
  readonly home: string;
  readonly env: Record<string, string>;
  readonly #running = new Set<Running>();

  private constructor(folder: string, port: number, adminPort: number, consolePort: number) {
    this.folder = folder;
    this.home = join(folder, "home");
    this.env = {
      HALFROOM_HOME: this.home,
      HALFROOM_LISTEN: `127.0.0.1:${port}`,
      HALFROOM_ADDRESS: `127.0.0.1:${port}`,
      HALFROOM_ADMIN: `127.0.0.1:${adminPort}`,
      HALFROOM_CONSOLE: `127.0.0.1:${consolePort}`,
      // Where the tests run behind a proxy, it is none of theirs.
      HTTPS_PROXY: "",
      HALFROOM_ASK_SECONDS: "0.2",
      HALFROOM_RESUME_SECONDS: "2",
      HALFROOM_THREADS: "1",
    };
  }

  /** A site with a node in it. */
  static async open(): Promise<Site> {
    const site = await Site.in(mkdtempSync(join(tmpdir(), "halfroom-site-")));
    await site.ok("init");
    return site;
  }

  /** A site in its own folder; its node, if it has one, is in `home`. */
  static async in(folder: string): Promise<Site> {
    return new Site(folder, await freePort(), await freePort(), await freePort());
  }

  /** Starts a command, which ends with the site at the latest. */
  start(args: readonly string[], env: Record<string, string> = {}): Running {
    const [program, ...rest] = [...this.runner, NODE, this.command, ...args] as [string, ...string[]];
    const child = spawn(program, rest, {
      cwd: this.folder,
      env: { ...process.env, ...this.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const running = watch(child);
    this.#running.add(running);
    void running.ended.then(() => this.#running.delete(running));
    return running;
  }

  run(...args: string[]): Promise<Run> {
    return this.start(args).ended;
  }

  /** Runs a command that must succeed; returns what it printed. */
  async ok(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(...args);
    if (exitCode !== 0) throw new Error(`halfroom ${args.join(" ")} ended with ${exitCode}: ${stderr}`);
    return stdout;
  }

  /** `halfroom serve`, once it answers. */
  async serve(env: Record<string, string> = {}): Promise<Running> {
    const serving = this.start(["serve"], env);
    await serving.seen((line) => line.includes('"msg":"ready"'));
    return serving;
  }

  write(name: string, content: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  /** Replaces the policies in config.yaml, which are its last key. */
  policies(yaml: string): void {
    const file = join(this.home, "config.yaml");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, `${text.slice(0, text.indexOf("\npolicies:") + 1)}policies:\n${yaml}\n`);
  }

  async sessions(): Promise<SessionLine[]> {
    return JSON.parse(await this.ok("sessions", "--json"));
  }

  async ledger(): Promise<{ session: string; settled: boolean }[]> {
    const printed = await this.ok("ledger", "--json");
    return JSON.parse(printed).entries;
  }

  /** Ends everything that still runs. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((running) => running.kill()));
  }
}

export interface SessionLine {
  readonly id: string;
  readonly state: string;
  readonly code?: string;
  readonly stage?: string;
  readonly threshold: number;
  readonly reasons: { readonly code: string; readonly words: string }[];
}

function watch(child: ChildProcess): Running {
  const lines: string[] = [];
  let look = () => {};
  createInterface({ input: child.stderr! }).on("line", (line) => {
    lines.push(line);
    look();
  });
  const run = async (): Promise<Run> => {
    const [[exitCode], stdout] = await Promise.all([
      once(child, "close") as Promise<[number | null]>,
      text(child.stdout!),
    ]);
    return { exitCode, stdout, stderr: lines.join("\n") };
  };
  const ended = run();
  return {
    child,
    ended,
    lineCount: () => lines.length,
    seen: (wanted, from = 0) =>
      new Promise((resolve, reject) => {
        look = () => {
          const line = lines.slice(from).find(wanted);
          if (line !== undefined) resolve(line);
        };
        look();
        void ended.then(({ stderr }) => reject(new Error(`the process ended before: ${stderr}`)));
      }),
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
