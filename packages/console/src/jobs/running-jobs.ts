// The jobs of this process: reports and backups that somebody has started over HTTP.
import { setTimeout as pause } from "node:timers/promises";
import {
  askSeries,
  beginJob,
  endJob,
  listJobs,
  noteSession,
  OperatorError,
  parseRequest,
  readJob,
  run,
  type HalfroomNode,
  type JobEnd,
  type JobRecord,
  type OnBackup,
  type RunEvent,
  type RunRequest,
} from "@halfroom/node";
import { detached, ignored } from "@halfroom/wire";
import type { SentEvent } from "../contract/route.ts";
import type { jobSchema } from "../contract/runs.ts";
import type { z } from "zod";
import { RequestError } from "../server/request-error.ts";
import { EventLog, type Told } from "./event-log.ts";

export type Job = z.infer<typeof jobSchema>;

/** Jobs that have ended and whose events are still to be had. */
const ENDED_MAX = 64;
const LOOK_MS = 500;
/** For a session that was cut off to close its records. */
const CUT_MS = 5000;

interface Running {
  readonly kind: Job["kind"];
  readonly log: EventLog;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
  session: string | undefined;
  /** Whether it only waits so far: for a turn, or for a person. */
  isWaiting: boolean;
}

/** Makes a backup, and says what came of it. */
type MakeBackup = (onProgress: OnBackup) => Promise<NonNullable<Job["backup"]>>;
/** Returns what came of the job. */
type Work = (job: Running, id: string) => Promise<unknown>;

export class RunningJobs {
  readonly #node: HalfroomNode;
  readonly #onFault: (error: unknown) => void;
  /** Runs side by side: each takes memory, threads and a connection. */
  readonly #runsMax: number;
  /** What is not running yet. */
  readonly #beginning: Job["kind"][] = [];
  readonly #running = new Map<string, Running>();
  readonly #ended = new Map<string, EventLog>();
  #isEnding = false;

  /** `onFault` is told what could not be written down. */
  constructor(
    node: HalfroomNode,
    { runsMax, onFault }: { readonly runsMax: number; readonly onFault: (error: unknown) => void },
  ) {
    this.#node = node;
    this.#onFault = onFault;
    this.#runsMax = runsMax;
  }

  /** Begins a run as `caller`, in whose hands `node` is. Rejects with RequestError `too-often`, `ending`. */
  async start(node: HalfroomNode, caller: string, request: RunRequest): Promise<Job> {
    return await this.#begin("run", caller, () => async (job, id) => {
      const onEvent = (event: RunEvent): void => {
        job.log.tell(eventOf(event));
        if (event.type === "stage") job.isWaiting = false;
        if (event.type === "proposed") this.#notes(id, event.id);
      };
      if (isForSeries(request)) {
        const { id: series } = await askSeries(node, request, onEvent, job.abort.signal);
        return { series };
      }
      const { json: _json, ...result } = await run(node, request, onEvent, job.abort.signal);
      return result;
    });
  }

  /**
   * Begins a backup, whose making `plan` looks at beforehand: what it rejects with begins nothing. Rejects with RequestError `too-often`,
   * `ending`.
   */
  async startBackup(caller: string, plan: () => Promise<MakeBackup>): Promise<Job> {
    return await this.#begin("backup", caller, async () => {
      const make = await plan();
      return async (job) => {
        job.isWaiting = false;
        return await make(({ step, done, total }) =>
          job.log.tell({ type: "progress", name: step, done, total }),
        );
      };
    });
  }

  async #begin(kind: Job["kind"], caller: string, plan: () => Work | Promise<Work>): Promise<Job> {
    this.#assertRoom(kind);
    this.#beginning.push(kind);
    try {
      const work = await plan();
      const id = await beginJob(this.#node, kind, caller);
      const [log, abort] = [new EventLog(), new AbortController()];
      const job = { kind, log, abort, session: undefined, isWaiting: true, ended: Promise.resolve() };
      this.#running.set(id, Object.assign(job, { ended: this.#work(id, job, work) }));
      return await this.read(id);
    } finally {
      this.#beginning.splice(this.#beginning.indexOf(kind), 1);
    }
  }

  #assertRoom(kind: Job["kind"]): void {
    if (this.#isEnding) throw new RequestError("ending", "The node is ending; ask again once it is back.");
    const all = [...this.#beginning, ...[...this.#running.values()].map((job) => job.kind)];
    const count = all.filter((each) => each === kind).length;
    if (kind === "backup" && count > 0)
      throw new RequestError("too-often", "A backup is being made; begin this one when that has ended.");
    if (kind === "run" && count >= this.#runsMax)
      throw new RequestError(
        "too-often",
        `${this.#runsMax} runs are under way, as many as there may be; begin this one when one of them has ended.`,
      );
  }

  async #work(id: string, job: Running, work: Work): Promise<void> {
    const { log } = job;
    const end = await work(job, id).then(doneWith, failedBy);
    try {
      await endJob(this.#node, id, end);
      log.tell({ type: "ended", job: await this.read(id) }, true);
    } catch (error) {
      this.#onFault(error);
      log.tell({ type: "warning", words: "The end of the job could not be written down." }, true);
    }
    this.#running.delete(id);
    this.#ended.set(id, log);
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > ENDED_MAX) this.#ended.delete(oldest!);
  }

  #notes(id: string, session: string): void {
    const job = this.#running.get(id);
    if (job !== undefined) job.session = session;
    detached(
      () => noteSession(this.#node, id, session),
      (error) => this.#onFault(error),
    );
  }

  /** Rejects with OperatorError `no-job`. */
  async read(id: string): Promise<Job> {
    return jobOf(await readJob(this.#node, id));
  }

  async list(page: Parameters<typeof listJobs>[1]): Promise<Job[]> {
    return (await listJobs(this.#node, page)).map(jobOf);
  }

  /** What happens in a job, after the event of this number. Rejects with OperatorError `no-job`. */
  async watch(id: string, after: number, signal: AbortSignal): Promise<AsyncIterable<SentEvent<Told>>> {
    const log = this.#running.get(id)?.log ?? this.#ended.get(id);
    if (log !== undefined) return log.after(after, signal);
    await this.read(id);
    return this.#untilEnded(id, signal);
  }

  /** Of a job that another process works on, or has worked on, the end alone is known. */
  async *#untilEnded(id: string, signal: AbortSignal): AsyncGenerator<SentEvent<Told>> {
    for (;;) {
      const job = await this.read(id);
      if (job.state !== "running") return yield { id: "1", data: { type: "ended", job } };
      await pause(LOOK_MS, undefined, { signal }).catch(ignored);
      if (signal.aborted) return;
    }
  }

  /** Rejects with OperatorError `no-job`; `session-state` if this process does not work on it. */
  async cancel(id: string): Promise<Job> {
    const job = await this.read(id);
    const running = this.#running.get(id);
    if (running === undefined) {
      const why = job.state === "running" ? "another process works on it" : `it is ${job.state}`;
      throw new OperatorError("session-state", `Job ${id} cannot be cancelled: ${why}.`);
    }
    if (running.kind === "backup")
      throw new OperatorError("session-state", `Job ${id} is a backup, which ends by itself.`);
    running.abort.abort();
    return job;
  }

  /** Ends the run that works on the session, by its short id; whether there is one here. Resolves when it has ended. */
  async cancelOf(session: string): Promise<boolean> {
    const running = [...this.#running.values()].find((each) => each.session === session);
    running?.abort.abort();
    await running?.ended;
    return running !== undefined;
  }

  /** Begins no more; those that only wait end at once, and the others have `ms` milliseconds. */
  async close(ms: number): Promise<void> {
    this.#isEnding = true;
    const running = () => [...this.#running.values()];
    const left = () => Promise.all(running().map(({ ended }) => ended));
    for (const { abort } of running().filter(({ isWaiting }) => isWaiting)) abort.abort(ENDING);
    await Promise.race([left(), pause(ms, undefined, { ref: false })]);
    for (const { abort } of running()) abort.abort(ENDING);
    await Promise.race([left(), pause(CUT_MS, undefined, { ref: false })]);
  }
}

/** As `run` calls it. */
const ENDING = "ending";

/** Errors: OperatorError `yaml`. */
function isForSeries(request: RunRequest): boolean {
  return "text" in request && parseRequest(request.text, request.name).series !== undefined;
}

function doneWith(result: unknown): JobEnd {
  return { state: "done", result };
}

function failedBy(error: unknown): JobEnd {
  // The words of a defect may quote data.
  if (!(error instanceof OperatorError))
    return { state: "failed", code: "internal", words: "A defect on this side; the node's log says which." };
  const { code, words } = error.toJSON();
  return { state: code === "cancelled" ? "cancelled" : "failed", code, words };
}

function jobOf({ result, ...record }: JobRecord): Job {
  if (record.kind === "backup") return { ...record, backup: result as Job["backup"] };
  const series = (result as { readonly series?: string } | undefined)?.series;
  if (series !== undefined) return { ...record, series };
  return { ...record, result: result as Job["result"] };
}

/** A copy of its own, which nobody changes. */
function eventOf(event: RunEvent): Told {
  return structuredClone(event);
}
