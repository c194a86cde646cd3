// What has happened in a job, for whoever watches it, also for those who come late or come back.
import type { DeepReadonly, SentEvent } from "../contract/route.ts";
import type { JobEvent } from "../contract/runs.ts";

/** What is told. */
export type Told = DeepReadonly<JobEvent>;

/** Of a job whose progress is told thousands of times the first events are forgotten. */
const EVENTS_MAX = 2000;

export class EventLog {
  #events: SentEvent<Told>[] = [];
  #told = 0;
  #isOver = false;
  readonly #waiting = new Set<() => void>();

  /** `isLast`: nothing more will happen. */
  tell(data: Told, isLast = false): void {
    if (this.#isOver) return;
    this.#events.push({ id: String(++this.#told), data });
    if (this.#events.length > EVENTS_MAX) this.#events.shift();
    this.#isOver = isLast;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Those after the one of this number, as they happen, until the last one or until `signal` is aborted. */
  async *after(number: number, signal: AbortSignal): AsyncGenerator<SentEvent<Told>> {
    let last = number;
    while (!signal.aborted) {
      const next = this.#events.find(({ id }) => Number(id) > last);
      if (next !== undefined) {
        last = Number(next.id);
        yield next;
      } else if (this.#isOver) return;
      else await this.#happens(signal);
    }
  }

  #happens(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener("abort", wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake);
    });
  }
}
