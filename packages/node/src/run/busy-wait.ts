// How long a user waits for a partner that is busy with others: it is asked again and again, as its queue may be full for hours.
import { ProtocolError } from "@halfroom/wire";

export class BusyWait {
  readonly #seconds: number;
  readonly #now: () => number;
  #until: number | undefined;

  /** `now` in milliseconds; `seconds` from the first `busy` on. */
  constructor(seconds: number, now: () => number) {
    this.#seconds = seconds;
    this.#now = now;
  }

  /** Whether the partner was busy when it was last asked, and there is time left. */
  get isWaiting(): boolean {
    return this.#until !== undefined && this.#now() < this.#until;
  }

  /** The partner has answered. */
  end(): void {
    this.#until = undefined;
  }

  /** The partner is busy: until when to ask again, and whether it was not so before. Errors: `busy`, when the time is over. */
  again(): { readonly until: number; readonly isNew: boolean } {
    const now = this.#now();
    const isNew = this.#until === undefined;
    this.#until ??= now + this.#seconds * 1000;
    if (now < this.#until) return { until: this.#until, isNew };
    const words = `the partner has been running as many sessions as it allows for ${this.#seconds} s, this node's limit (busy_seconds); run the command again later`;
    throw new ProtocolError("busy", words, { fromPartner: true });
  }
}
