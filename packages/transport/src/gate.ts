// Backpressure for the sending side: waits until enough of what was sent has left.
import { ProtocolError } from "@halfroom/wire";
import { startTimer } from "./timer.ts";

/** `send` waits while more bytes than this have not left yet. */
export const SEND_BYTES_HIGH = 1 << 22;

interface Waiting {
  readonly bytesMax: number;
  resolve(): void;
  reject(error: ProtocolError): void;
}

export class SendGate {
  readonly #idleMs: number;
  readonly #buffered: () => number;
  #waiting: Waiting[] = [];
  #cancelTimer = () => {};
  #end: ProtocolError | undefined;

  /** A waiting call gives up when nothing at all has left for `idleMs`; `buffered` gives the bytes that have not left yet. */
  constructor(idleMs: number, buffered: () => number) {
    this.#idleMs = idleMs;
    this.#buffered = buffered;
  }

  /** Resolves once at most `bytesMax` bytes have not left; rejects with `timeout`, or with the error given to `end`. */
  async wait(bytesMax: number): Promise<void> {
    if (this.#end !== undefined) throw this.#end;
    if (this.#buffered() <= bytesMax) return;
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ bytesMax, resolve, reject });
      if (this.#waiting.length === 1) this.#restartTimer();
    });
  }

  /** Must be called whenever something has left. */
  moved(): void {
    const buffered = this.#buffered();
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ bytesMax }) => buffered > bytesMax);
    for (const { bytesMax, resolve } of waiting) if (buffered <= bytesMax) resolve();
    this.#restartTimer();
  }

  /** Nothing will leave any more. Only the first call counts. */
  end(error: ProtocolError): void {
    this.#end ??= error;
    this.#rejectAll(this.#end);
  }

  #restartTimer(): void {
    this.#cancelTimer();
    if (this.#waiting.length === 0) return;
    const failed = (error: ProtocolError) => this.#rejectAll(error);
    this.#cancelTimer = startTimer(this.#idleMs, () => failed(new ProtocolError("timeout")), failed);
  }

  #rejectAll(error: ProtocolError): void {
    this.#cancelTimer();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(error);
  }
}
