// Items that have arrived and were not taken yet, with a time limit for whoever waits for one.
import { ProtocolError } from "@halfroom/wire";
import { startTimer } from "./timer.ts";

interface Waiting<T> {
  resolve(item: T): void;
  reject(error: ProtocolError): void;
  cancelTimer(): void;
}

export class Mailbox<T> {
  readonly #waitMs: number;
  readonly #items: T[] = [];
  #end: ProtocolError | undefined;
  #waiting: Waiting<T> | undefined;

  /** `take` waits `waitMs` for an item. */
  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  /** Adds an item; after `end` it is dropped. Returns whether it stays here because nobody is waiting. */
  put(item: T): boolean {
    if (this.#end !== undefined) return false;
    const waiting = this.#stopWaiting();
    if (waiting === undefined) this.#items.push(item);
    else waiting.resolve(item);
    return waiting === undefined;
  }

  /** No item follows: `take` delivers what is here, then rejects with `error`. Only the first call counts. */
  end(error: ProtocolError): void {
    this.#end ??= error;
    this.#stopWaiting()?.reject(this.#end);
  }

  /** Drops what is here. */
  clear(): void {
    this.#items.length = 0;
  }

  /** The oldest item, if there is one. */
  takeNow(): T | undefined {
    return this.#items.shift();
  }

  /** The oldest item; rejects with `timeout` if none arrives in time. One call may be pending at a time. */
  async take(): Promise<T> {
    const item = this.takeNow();
    if (item !== undefined) return item;
    if (this.#end !== undefined) throw this.#end;
    if (this.#waiting !== undefined) throw new ProtocolError("internal", "two receives at the same time");
    return await new Promise((resolve, reject) => {
      const failed = (error: ProtocolError) => this.#stopWaiting()?.reject(error);
      const cancelTimer = startTimer(this.#waitMs, () => failed(new ProtocolError("timeout")), failed);
      this.#waiting = { resolve, reject, cancelTimer };
    });
  }

  #stopWaiting(): Waiting<T> | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.cancelTimer();
    return waiting;
  }
}
