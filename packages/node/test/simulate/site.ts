// One of the two nodes: its folder, the process that has it open, its clock. It serves as `serve` does, without a port.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "@halfroom/prepare";
import { scheduleOf } from "@halfroom/session";
import { ProtocolError } from "@halfroom/wire";
import { StreamNames, StreamPort, type TlsConnection } from "@halfroom/transport";
import { approve, deny } from "../../src/api/index.ts";
import { handleOf } from "../../src/api/node.ts";
import { turnLimits } from "../../src/config/schema.ts";
import { every } from "../../src/every.ts";
import { OperatorError } from "../../src/errors.ts";
import { assertBooksHold } from "../../src/ledger/against-log.ts";
import { openState, tidyIfFree, type NodeState } from "../../src/node-state.ts";
import { initiate } from "../../src/run/initiate.ts";
import { planReport } from "../../src/run/plan.ts";
import type { Works } from "../../src/run/works.ts";
import { CompleteLost } from "../../src/serve/complete-lost.ts";
import { openLog } from "../../src/serve/log.ts";
import { Metrics } from "../../src/serve/metrics.ts";
import { QuietLog } from "../../src/serve/quiet-log.ts";
import { servePartner, type Service } from "../../src/serve/serve-partner.ts";
import { Turns } from "../../src/serve/turns.ts";
import { askForSeries } from "../../src/series/ask.ts";
import { DueRuns } from "../../src/series/due-runs.ts";
import { nodeFolder } from "../../src/store/folder.ts";
import { copyFolder } from "./disk.ts";
import { Gone, Life, lives, type Machine } from "./machine.ts";
import type { Host } from "./network.ts";

const TIDY_MS = 60_000;
/** How often it is looked for runs of series that are due. */
const SERIES_MS = 30_000;
/** How often somebody looks for proposals that wait for a person. */
const LOOK_MS = 7000;
const silent = openLog({ log_level: "silent" } as NodeState["settings"]);

export class Site implements Host {
  readonly name: string;
  readonly fingerprint: string;
  readonly clock = { aheadMs: 0 };
  /** How likely it is that a person denies a proposal. */
  denies = 0;
  /** Sessions whose last message was fetched later. */
  completed = 0;
  /** Told of what no caller may see. */
  onDefect: (words: string) => void = () => undefined;
  life: Life | undefined;
  node: NodeState | undefined;
  /** Copies of the folder, the oldest first. */
  readonly backups: string[] = [];
  readonly #machine: Machine;
  readonly #works: Works;
  readonly #root: string;
  #folder: string;
  #lives = 0;

  /** `folder` holds the node; the site moves it about. */
  constructor(name: string, fingerprint: string, folder: string, machine: Machine, works: Works) {
    this.name = name;
    this.fingerprint = fingerprint;
    this.#machine = machine;
    this.#works = works;
    this.#root = mkdtempSync(`${folder}-`);
    this.#folder = join(this.#root, "0");
    renameSync(folder, this.#folder);
  }

  /** Starts the node; false if it does not start, for a reason that an operator is told. */
  async start(): Promise<boolean> {
    const life = new Life(this.name, this.#folder, this.clock);
    this.life = life;
    const opened = this.#open(life);
    const ended = new Promise<undefined>((resolve) => life.onEnd(() => resolve(undefined)));
    try {
      await this.#machine.until(Promise.race([opened, ended]), 60_000);
      if (life.isOver) {
        opened.then(
          (node) => node.close(),
          () => undefined,
        );
        this.#leave();
        return false;
      }
      this.node = await opened;
      return true;
    } catch (error) {
      this.#judge(error, "start");
      life.end();
      this.life = undefined;
      return false;
    }
  }

  async #open(life: Life): Promise<NodeState> {
    return await lives.run(life, async () => {
      const node = await openState(nodeFolder(life.folder), {}, () => Date.now(), this.#works);
      try {
        assertBooksHold(node);
      } catch (error) {
        lives.exit(() => node.close());
        throw error;
      }
      every(
        TIDY_MS,
        () => void tidyIfFree(node),
        (error) => this.#judge(error, "tidy"),
      );
      const turns = new Turns(turnLimits(node.settings));
      const never = new AbortController().signal;
      const threads = await this.#works.openThreads(1);
      const service = {
        node,
        log: silent,
        quiet: new QuietLog(silent),
        turns,
        metrics: new Metrics(turns),
        threads,
        cluster: undefined,
        front: { names: new StreamNames(), port: new StreamPort() },
        telemetry: undefined,
        ending: never,
        cutting: never,
        onEvent: () => undefined,
      };
      const onEvent: Service["onEvent"] = ({ type }) => {
        if (type === "completed") this.completed++;
      };
      const lost = new CompleteLost({ node, log: silent, ending: never, onEvent });
      const complete = () => void lost.work();
      complete();
      every(TIDY_MS, complete, (error) => this.#judge(error, "complete"));
      const due = new DueRuns({ node, log: silent, ending: never, cutting: never, onEvent });
      every(
        SERIES_MS,
        () => due.work(),
        (error) => this.#judge(error, "series"),
      );
      every(
        LOOK_MS,
        () => void this.#decide(node),
        (error) => this.#judge(error, "decide"),
      );
      this.meet = (connection) => {
        servePartner(service, connection).catch((error: unknown) => {
          if (!life.isOver) this.#judge(error, "serve");
        });
      };
      return node;
    });
  }

  meet: (connection: TlsConnection) => void = () => undefined;

  /** What a person does about a proposal that waits for one. */
  async #decide(node: NodeState): Promise<void> {
    const { chance } = this.#machine;
    const { life } = this;
    try {
      const held = node.sessions.held().find(({ initiatedBy }) => initiatedBy === "partner");
      if (held === undefined || chance.is(0.5)) return;
      const isDenied = chance.is(this.denies);
      const handle = handleOf(node);
      if (isDenied) await deny(handle, held.id, "not today");
      else await approve(handle, held.id);
      this.#machine.tell(`somebody at ${this.name} ${isDenied ? "denies" : "approves"}`);
    } catch (error) {
      if (life?.isOver !== true) this.#judge(error, "decide");
    }
  }

  /** An administrator says that the log was written by a clock that was ahead. */
  correctClock(): void {
    const { life, node } = this;
    if (life === undefined || node === undefined || life.isOver) return;
    try {
      lives.run(life, () => node.clock.correct());
    } catch (error) {
      // The log may not have seen it.
      this.#judge(error, "correct-clock");
    }
  }

  /** Runs a report; how it ended, in a word. */
  async run(text: string): Promise<string> {
    const { life, node } = this;
    if (node === undefined || life === undefined || life.isOver) return "down";
    const ended = new Promise<string>((resolve) => life.onEnd(() => resolve("gone")));
    const report = lives.run(life, async () => {
      const plan = await planReport(node, { text, name: "request" });
      if (scheduleOf(plan.terms) !== undefined) {
        await askForSeries(node, plan, () => undefined);
        return "series";
      }
      const { fresh } = await initiate(node, plan, ({ type }) => {
        if (type === "completed") this.completed++;
      });
      return fresh === undefined ? "stored" : "fresh";
    });
    return await Promise.race([
      ended,
      report.catch((error: unknown) => (life.isOver ? "gone" : this.#judge(error, "run"))),
    ]);
  }

  /** Ends the process, as `kill -9` does. */
  kill(): void {
    const { life } = this;
    if (life === undefined) return;
    if (!life.isOver) {
      copyFolder(life.folder, `${life.folder}+`);
      life.end();
    }
    this.#leave();
  }

  /** Cleans up after a process that is gone: the next one finds what it left on the disk. */
  #leave(): void {
    this.node?.close();
    this.node = undefined;
    this.life = undefined;
    rmSync(this.#folder, { recursive: true });
    const next = join(this.#root, String(++this.#lives));
    renameSync(`${this.#folder}+`, next);
    this.#folder = next;
  }

  get isUp(): boolean {
    return this.life !== undefined && !this.life.isOver;
  }

  /** Copies the folder while the node runs. */
  backUp(): void {
    const copy = join(this.#root, `backup-${this.#machine.now}-${this.backups.length}`);
    copyFolder(this.#folder, copy);
    this.backups.push(copy);
  }

  /** Ends the process and puts a copy in place of the folder. */
  restore(copy: string): void {
    this.kill();
    rmSync(this.#folder, { recursive: true });
    copyFolder(copy, this.#folder);
  }

  /** The folder as it is now, once the node is down for good. */
  remove(): void {
    this.life?.end();
    this.node?.close();
    rmSync(this.#root, { recursive: true });
  }

  /** A code, for what somebody can be told; anything else is a defect. */
  #judge(error: unknown, where: string): string {
    if (error instanceof Gone) return "gone";
    if (error instanceof InputError) return "data";
    if (error instanceof ProtocolError) {
      if (error.cause instanceof Gone) return "gone";
      if (error.code !== "internal" || error.fromPartner) return error.code;
    }
    if (error instanceof OperatorError && error.code !== "internal") return error.code;
    this.onDefect(`${this.name}, ${where}: ${error instanceof Error ? error.stack : String(error)}`);
    return "defect";
  }
}

/** Writes the settings of a node. */
export function writeSettings(folder: string, settings: object): void {
  writeFileSync(join(folder, "config.yaml"), JSON.stringify(settings));
}
