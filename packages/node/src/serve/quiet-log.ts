// Log lines that somebody outside can cause: some of each kind in a minute, then how many more there were. A flood of connections
// so neither fills the disk nor hides the other lines.
import { guarded, ignored } from "@halfroom/wire";
import type { Logger } from "pino";

const LINES_MAX = 10;
const SPAN_MS = 60_000;

interface Kind {
  lines: number;
  more: number;
}

export class QuietLog {
  readonly #log: Logger;
  readonly #spanMs: number;
  readonly #kinds = new Map<string, Kind>();

  constructor(log: Logger, spanMs = SPAN_MS) {
    this.#log = log;
    this.#spanMs = spanMs;
  }

  info(kind: string, fields: object, words: string): void {
    if (this.#isDue(kind)) this.#log.info(fields, words);
  }

  /** `kind` is one of few: a stable code, and a partner's name at most. */
  warn(kind: string, fields: object, words: string): void {
    if (this.#isDue(kind)) this.#log.warn(fields, words);
  }

  /** Says what has not been said yet. */
  end(): void {
    for (const kind of this.#kinds.keys()) this.#sum(kind);
  }

  #isDue(kind: string): boolean {
    const known = this.#kinds.get(kind);
    if (known === undefined) {
      this.#kinds.set(kind, { lines: 1, more: 0 });
      // A log that fails has nowhere to say so.
      const sum = guarded(() => this.#sum(kind), ignored);
      setTimeout(sum, this.#spanMs).unref();
      return true;
    }
    if (known.lines++ < LINES_MAX) return true;
    known.more++;
    return false;
  }

  #sum(kind: string): void {
    const known = this.#kinds.get(kind);
    this.#kinds.delete(kind);
    if (known !== undefined && known.more > 0)
      this.#log.warn({ kind, more: known.more, seconds: this.#spanMs / 1000 }, "more lines of the same kind");
  }
}
