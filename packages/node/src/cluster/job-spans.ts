// What a worker tells a collector of its jobs. Where a session's span stands is known once both companies have signed, and comes with the
// jobs of after that: what was done before waits for it, and is dropped where none comes.
import type { SpanPlace, Telemetry, WorkDone } from "../telemetry/telemetry.ts";

/** Of one session. */
const WAITING_MAX = 1000;

type Done = Omit<WorkDone, "within">;

interface Followed {
  place: SpanPlace | undefined;
  waiting: Done[];
}

export class JobSpans {
  readonly #telemetry: Telemetry | undefined;
  /** By the session's folder in the share. */
  readonly #sessions = new Map<string, Followed>();

  constructor(telemetry: Telemetry | undefined) {
    this.#telemetry = telemetry;
  }

  /** A job of the session is begun, which may say where the session's span stands. */
  begin(session: string, place: SpanPlace | undefined): void {
    if (this.#telemetry === undefined) return;
    const followed = this.#sessions.get(session) ?? { place: undefined, waiting: [] };
    this.#sessions.set(session, followed);
    followed.place ??= place;
    if (followed.place === undefined) return;
    for (const done of followed.waiting.splice(0))
      this.#telemetry.addWork({ ...done, within: followed.place });
  }

  /** A job of a session that has begun is over. */
  add(session: string, done: Done): void {
    const { place, waiting } = this.#sessions.get(session) ?? {};
    if (place !== undefined) this.#telemetry?.addWork({ ...done, within: place });
    else if (waiting !== undefined && waiting.length < WAITING_MAX) waiting.push(done);
  }

  /** The session is over. */
  forget(session: string): void {
    this.#sessions.delete(session);
  }

  async close(): Promise<void> {
    await this.#telemetry?.close();
  }
}
