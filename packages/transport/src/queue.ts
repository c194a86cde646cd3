// Frames that have arrived and that nobody has taken yet, bounded in bytes by whoever fills the queue.
import { ProtocolError } from "@halfroom/wire";
import { startTimer } from "./timer.ts";

/** A filler stops above the first number and goes on at the second. */
export const QUEUE_BYTES_HIGH = 1 << 22;
export const QUEUE_BYTES_LOW = 1 << 21;

/** What keeping a frame costs beside its bytes, counted so that a flood of empty frames is bounded too. */
const KEEPING_BYTES = 256;

interface Waiting {
  resolve(frame: Uint8Array): void;
  reject(error: ProtocolError): void;
  cancelTimer(): void;
}

export class FrameQueue {
  readonly #idleMs: number;
  readonly #onTaken: () => void;
  readonly #frames: Uint8Array[] = [];
  #bytes = 0;
  #end: ProtocolError | undefined;
  #waiting: Waiting | undefined;

  /** `shift` waits `idleMs` for a frame; `onTaken` is called when a queued frame was taken and `bytes` went down. */
  constructor(idleMs: number, onTaken: () => void) {
    this.#idleMs = idleMs;
    this.#onTaken = onTaken;
  }

  /** Memory that the queued frames take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a frame; after `end` it is dropped. */
  push(frame: Uint8Array): void {
    if (this.#end !== undefined) return;
    const waiting = this.#stopWaiting();
    if (waiting !== undefined) {
      waiting.resolve(frame);
      return;
    }
    this.#frames.push(frame);
    this.#bytes += frame.length + KEEPING_BYTES;
  }

  /** No frame follows: `shift` delivers what is queued, then rejects with `error`. Only the first call counts. */
  end(error: ProtocolError): void {
    this.#end ??= error;
    this.#stopWaiting()?.reject(this.#end);
  }

  /** Drops the queued frames, which nobody will take. */
  clear(): void {
    this.#frames.length = 0;
    this.#bytes = 0;
  }

  /** The oldest frame; rejects with `timeout` if none arrives in time. One call may be pending at a time. */
  async shift(): Promise<Uint8Array> {
    const frame = this.#frames.shift();
    if (frame !== undefined) {
      this.#bytes -= frame.length + KEEPING_BYTES;
      this.#onTaken();
      return frame;
    }
    if (this.#end !== undefined) throw this.#end;
    if (this.#waiting !== undefined) throw new ProtocolError("internal", "two receives at the same time");
    return await new Promise((resolve, reject) => {
      const expire = () => this.#stopWaiting()?.reject(new ProtocolError("timeout"));
      this.#waiting = { resolve, reject, cancelTimer: startTimer(this.#idleMs, expire) };
    });
  }

  #stopWaiting(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.cancelTimer();
    return waiting;
  }
}
