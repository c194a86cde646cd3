// A Redis of its own for a test: Debian's redis-server on a free loopback port, its data in a temporary folder.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";
import { freePort } from "../../../../test/ports/free-port.ts";

/** As a node wants it. */
const USABLE = { appendonly: "yes", "maxmemory-policy": "noeviction" };

export class RedisServer {
  readonly port: number;
  readonly folder: string;
  readonly #settings: Readonly<Record<string, string>>;
  #process: ChildProcess;

  private constructor(port: number, settings: Readonly<Record<string, string>>) {
    this.port = port;
    this.folder = mkdtempSync(join(tmpdir(), "halfroom-redis-"));
    this.#settings = settings;
    this.#process = this.#spawn();
  }

  /** `settings` as in redis.conf; they stand over those that a node wants. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), { ...USABLE, ...settings });
    await server.#untilReady();
    return server;
  }

  get url(): string {
    const { requirepass } = this.#settings;
    return `redis://${requirepass === undefined ? "" : `:${requirepass}@`}127.0.0.1:${this.port}/0`;
  }

  /** A connection of the test's own. */
  connect(): Redis {
    const redis = new Redis(this.url, { maxRetriesPerRequest: null });
    redis.on("error", () => {});
    return redis;
  }

  /** As `kill -9`. */
  async kill(): Promise<void> {
    if (!this.#isRunning) return;
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exit;
  }

  /** Starts it again on the data that it has, unless somebody else has. */
  async restart(): Promise<void> {
    if (!this.#isRunning) this.#process = this.#spawn();
    await this.#untilReady();
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  #spawn(): ChildProcess {
    const settings = {
      port: String(this.port),
      bind: "127.0.0.1",
      dir: this.folder,
      save: "",
      ...this.#settings,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    return spawn("redis-server", args, { stdio: "ignore" });
  }

  async #untilReady(): Promise<void> {
    const redis = this.connect();
    while ((await redis.ping().catch(() => "")) !== "PONG") await pause(20);
    redis.disconnect();
  }
}
