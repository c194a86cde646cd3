// The stream between a leader and a worker for one attempt of a shard, over a WebSocket: the frames of the shard's lane both ways, as binary
// messages, which nothing is added to or copied for; and as text what the worker tells of its progress. Between the machines of one
// company only; the partner sees none of it.
//
//     match | aggregate     that stage begins
//     result                the result lies in the share
//     failed CODE           the shard's protocol failed, with a code of section 5 of the protocol
//     worker-failed         the worker failed, and the shard's protocol did not
import { keepAlive } from "@halfroom/transport";
import { detached, guarded, ignored, isErrorCode, type ErrorCode } from "@halfroom/wire";
import type { RawData, WebSocket } from "ws";

export type StreamMessage =
  | { readonly frame: Uint8Array }
  | { readonly stage: "match" | "aggregate" }
  | { readonly end: "result" | "worker-failed" }
  | { readonly failed: ErrorCode };

const FAILED = "failed ";

/** What may wait in either direction. */
const WAITING_BYTES_HIGH = 1 << 22;
/** A machine that is paused or cut off is noticed after about 10 s. */
const IDLE_MS = 20_000;

/** The stream is over: the other machine ended it, was lost, or said what it cannot say. */
export class StreamEnd extends Error {}

export class Stream {
  readonly #ws: WebSocket;
  readonly #arrived: StreamMessage[] = [];
  #arrivedBytes = 0;
  #waiting: { resolve(message: StreamMessage): void; reject(error: StreamEnd): void } | undefined;
  #isOver = false;

  constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.on(
      "error",
      guarded(() => this.close(), ignored),
    );
    ws.on(
      "close",
      guarded(() => this.#end(), ignored),
    );
    ws.on(
      "message",
      guarded(
        (data: RawData, isBinary: boolean) => this.#take(data as Buffer, isBinary),
        () => this.close(),
      ),
    );
    keepAlive(ws, IDLE_MS, () => this.close());
  }

  /** Resolves once there is room for more. Errors: StreamEnd. */
  async sendFrame(frame: Uint8Array): Promise<void> {
    await this.#send(frame);
  }

  async sendStage(stage: "match" | "aggregate"): Promise<void> {
    await this.#send(stage);
  }

  async sendEnd(end: "result" | "worker-failed"): Promise<void> {
    await this.#send(end);
  }

  async sendFailure(code: ErrorCode): Promise<void> {
    await this.#send(FAILED + code);
  }

  /** One call may be pending at a time. Errors: StreamEnd, once all that arrived was taken. */
  async recv(): Promise<StreamMessage> {
    const message = this.#arrived.shift();
    if (message !== undefined) {
      this.#arrivedBytes -= sizeOf(message);
      if (this.#arrivedBytes <= WAITING_BYTES_HIGH && this.#ws.isPaused) this.#ws.resume();
      return message;
    }
    if (this.#isOver) throw new StreamEnd();
    return await new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  /** At once; what waits to be sent is lost. */
  close(): void {
    this.#ws.terminate();
    this.#end();
  }

  /** Ends it once what was sent has left. */
  finish(): void {
    this.#ws.close();
  }

  async #send(message: Uint8Array | string): Promise<void> {
    if (this.#isOver) throw new StreamEnd();
    const sent = new Promise<void>((resolve, reject) => {
      const handed = (error?: Error) => (error ? reject(new StreamEnd()) : resolve());
      this.#ws.send(message, guarded(handed, reject));
    });
    if (this.#ws.bufferedAmount > WAITING_BYTES_HIGH) return await sent;
    // Whoever receives next hears of it.
    detached(() => sent, ignored);
  }

  #take(data: Buffer, isBinary: boolean): void {
    const message = isBinary ? { frame: data } : decode(data.toString("latin1"));
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) return waiting.resolve(message);
    this.#arrived.push(message);
    this.#arrivedBytes += sizeOf(message);
    if (this.#arrivedBytes > WAITING_BYTES_HIGH) this.#ws.pause();
  }

  #end(): void {
    this.#isOver = true;
    this.#waiting?.reject(new StreamEnd());
    this.#waiting = undefined;
  }
}

/** Throws RangeError for anything else. */
function decode(text: string): StreamMessage {
  if (text === "match" || text === "aggregate") return { stage: text };
  if (text === "result" || text === "worker-failed") return { end: text };
  const code = text.slice(FAILED.length);
  if (text.startsWith(FAILED) && isErrorCode(code)) return { failed: code };
  throw new RangeError("a message between machines is not in its form");
}

function sizeOf(message: StreamMessage): number {
  return "frame" in message ? message.frame.length : 0;
}
