// Makes the runs of this side's series when they are due, in order, and tells partners which series have ended. A serving node does it, and takes
// it up from the store where another process left off.
import { detached, guarded, ignored } from "@halfroom/wire";
import { OperatorError, safeWords } from "../errors.ts";
import { codeOfFailure } from "../run/run-session.ts";
import { ENDING } from "../run/plan.ts";
import type { RunEvent } from "../run/run-events.ts";
import type { Service } from "../serve/serve-partner.ts";
import { closePassedRuns, missRun } from "./close-passed.ts";
import { endSeries, tellEnd } from "./end.ts";
import { planRun } from "./plan-run.ts";
import type { SeriesRow, SeriesRun } from "./row.ts";
import { whyWords } from "./why-words.ts";

/** Runs begin so much after they are due at most, each series at its own moment, so that not all begin in the same second. */
const JITTER_MS = 60_000;
/** The second attempt comes so long after the first, each further one after twice the time of the one before, up to an hour. */
const AGAIN_MS = 60_000;
const AGAIN_MS_MAX = 3_600_000;
/** A partner that does not answer by then is told later. */
const REACH_MS = 5000;
/** States of a session that is to have its time to end. */
const WORKING: readonly string[] = ["preparing", "agreed", "running"];

type Serving = Pick<Service, "node" | "log" | "ending" | "cutting" | "onEvent">;

interface PutOff {
  readonly attempts: number;
  /** By the node's clock. */
  readonly nextAt: number;
}

export class DueRuns {
  readonly #serving: Serving;
  /** By series. */
  readonly #working = new Map<string, Promise<void>>();
  readonly #putOff = new Map<string, PutOff>();
  /** The last entry of the audit log of which missed runs were told. */
  #told: number;

  constructor(serving: Serving) {
    this.#serving = serving;
    this.#told = serving.node.entriesBefore;
  }

  /** Series that something is done for. */
  get running(): number {
    return this.#working.size;
  }

  /** Tells which runs are over, and starts what is due. Errors: those of the store. */
  work(): void {
    const { node, ending } = this.#serving;
    if (ending.aborted) return;
    closePassedRuns(node, node.clock.now());
    this.#tellMissed();
    for (const series of node.series.untold()) this.#start(series, () => this.#tell(series));
    for (const series of node.series.live()) {
      const run = series.initiatedBy === "us" ? node.series.next(series.id) : undefined;
      if (run !== undefined && this.#isDue(series, run)) this.#start(series, () => this.#make(series, run));
    }
  }

  /** Whoever found it: this node when it was opened or tidied, or another process on its folder. */
  #tellMissed(): void {
    for (const { number, facts } of this.#serving.node.audit.ofKind("series-missed", this.#told)) {
      const { id: series, partner, run, why } = facts;
      const words = whyWords("missed", String(why));
      this.#warn({ partner, series, run, why, words }, "a run of a series was missed");
      this.#told = number;
    }
  }

  /** Once all that was started is over. Never rejects. */
  async end(): Promise<void> {
    await Promise.all(this.#working.values());
  }

  #isDue({ id }: SeriesRow, { dueAt, untilAt }: SeriesRun): boolean {
    const now = this.#serving.node.clock.now();
    const jitter = Number.parseInt(id.slice(0, 4), 16) % JITTER_MS;
    return now >= dueAt + jitter && now <= untilAt;
  }

  #start({ id }: SeriesRow, work: () => Promise<void>): void {
    const { node } = this.#serving;
    const { sessions_max: most } = node.settings;
    const isPutOff = (this.#putOff.get(id)?.nextAt ?? 0) > node.clock.now();
    if (isPutOff || this.#working.has(id) || this.#working.size >= most) return;
    const working = work()
      .catch((error: unknown) => this.#warn({ words: safeWords(error) }, "a series could not go on"))
      .finally(() => this.#working.delete(id));
    this.#working.set(id, working);
    detached(() => working, ignored);
  }

  async #make(series: SeriesRow, run: SeriesRun): Promise<void> {
    const { node, log, onEvent } = this.#serving;
    const about = { partner: series.partner, series: series.name, run: run.number };
    const end = this.#endOfAttempt(series, run);
    try {
      // Loaded when there is a run: other processes that serve dial nobody.
      const { initiate } = await import("../run/initiate.ts");
      const plan = await planRun(node, series, run.number);
      const { session, json } = await initiate(node, { ...plan, signal: end.signal }, (event) =>
        this.#hear(about, event),
      );
      this.#putOff.delete(series.id);
      log.info({ ...about, session }, "run of a series done");
      onEvent({ type: "done", session, json });
    } catch (error) {
      if (!end.signal.aborted) this.#settleFailure(series, run, error);
    } finally {
      end.stop();
    }
  }

  #hear(about: object, event: RunEvent): void {
    const { log } = this.#serving;
    if (event.type === "warning") log.warn({ ...about, words: event.words }, "beside a run of a series");
    if (event.type === "proposed")
      log.info({ ...about, id: event.id, resumed: event.resumed }, "run of a series proposed");
  }

  /** Where the node ends, what waits ends at once, and a session that runs has the time that all have. */
  #endOfAttempt({ id }: SeriesRow, { number }: SeriesRun): { readonly signal: AbortSignal; stop(): void } {
    const { node, ending, cutting } = this.#serving;
    const end = new AbortController();
    const abort = () => end.abort(ENDING);
    // Where the store does not say that a session runs, nothing is spared.
    const abortWaiting = guarded(() => {
      const attempt = node.series.run(id, number)?.attempt;
      const row = attempt === undefined ? undefined : node.sessions.find(attempt);
      if (row === undefined || !WORKING.includes(row.state)) abort();
    }, abort);
    ending.addEventListener("abort", abortWaiting);
    cutting.addEventListener("abort", abort);
    const stop = () => {
      ending.removeEventListener("abort", abortWaiting);
      cutting.removeEventListener("abort", abort);
    };
    return { signal: end.signal, stop };
  }

  #settleFailure({ id, name, partner }: SeriesRow, { number }: SeriesRun, error: unknown): void {
    const { node } = this.#serving;
    const codes = error instanceof OperatorError ? error.reasons.map(({ code }) => code) : [];
    const isTheirs = error instanceof OperatorError && error.code === "refused-there";
    const [code = error instanceof OperatorError ? error.code : codeOfFailure(error)] = codes;
    const fields = { partner, series: name, run: number, code, words: safeWords(error) };
    if (isTheirs && codes.includes("series-ended")) {
      endSeries(node, id, "partner");
      return this.#warn(fields, "the partner has ended the series");
    }
    if (isTheirs && codes.includes("series-run")) {
      // It may have been released there: it is never made again.
      missRun(node, id, number, "partner", node.clock.now());
      return this.#tellMissed();
    }
    node.series.note(id, number, code);
    const state = node.series.run(id, number)?.state;
    if (state === "open") this.#later(id);
    this.#warn(
      fields,
      state === "open" ? "a run of a series failed and is tried again" : "a run of a series failed",
    );
  }

  async #tell(series: SeriesRow): Promise<void> {
    try {
      await tellEnd(this.#serving.node, series, REACH_MS);
      this.#putOff.delete(series.id);
    } catch (error) {
      this.#later(series.id);
      const fields = { partner: series.partner, series: series.name, words: safeWords(error) };
      this.#warn(fields, "the partner could not be told that a series has ended");
    }
  }

  #later(id: string): void {
    const attempts = this.#putOff.get(id)?.attempts ?? 0;
    const after = Math.min(AGAIN_MS * 2 ** attempts, AGAIN_MS_MAX);
    this.#putOff.set(id, { attempts: attempts + 1, nextAt: this.#serving.node.clock.now() + after });
  }

  #warn(fields: object, words: string): void {
    this.#serving.log.warn(fields, words);
  }
}
