// Whole messages over a WebSocket, in order, with backpressure both ways. Nothing is added to them or copied.
import { detached, guarded, ignored } from "@halfroom/wire";
import type { RawData, WebSocket } from "ws";
import { keepAlive } from "./keep-alive.ts";

/** What may wait in either direction. */
const WAITING_BYTES_HIGH = 1 << 22;

export interface SocketMessage {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/** No message comes or leaves any more: the other end ended it, or was lost. */
export class SocketEnd extends Error {}

export class SocketMessages {
  /** Resolves once the connection is gone. */
  readonly gone: Promise<void>;
  readonly #ws: WebSocket;
  readonly #arrived: SocketMessage[] = [];
  #arrivedBytes = 0;
  #waiting: { resolve(message: SocketMessage): void; reject(error: SocketEnd): void } | undefined;
  #isOver = false;

  /** The other end counts as lost once it has been silent for half of `idleMs`, and for 40 s at most. */
  constructor(ws: WebSocket, idleMs: number) {
    this.#ws = ws;
    this.gone = new Promise((resolve) => ws.once("close", () => resolve()));
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
        (data: RawData, isBinary: boolean) => this.#take({ data: data as Buffer, isBinary }),
        () => this.close(),
      ),
    );
    keepAlive(ws, idleMs, () => this.close());
  }

  /** Resolves once there is room for more. Errors: SocketEnd. */
  async send(message: Uint8Array | string): Promise<void> {
    if (this.#isOver) throw new SocketEnd();
    const sent = new Promise<void>((resolve, reject) => {
      const handed = (error?: Error) => (error ? reject(new SocketEnd()) : resolve());
      this.#ws.send(message, guarded(handed, reject));
    });
    if (this.#ws.bufferedAmount > WAITING_BYTES_HIGH) return await sent;
    // Whoever receives next hears of it.
    detached(() => sent, ignored);
  }

  /** One call may be pending at a time. Errors: SocketEnd, once all that arrived was taken. */
  async recv(): Promise<SocketMessage> {
    const message = this.#arrived.shift();
    if (message !== undefined) {
      this.#arrivedBytes -= message.data.length;
      if (this.#arrivedBytes <= WAITING_BYTES_HIGH && this.#ws.isPaused) this.#ws.resume();
      return message;
    }
    if (this.#isOver) throw new SocketEnd();
    return await new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  /** At once; what waits to be sent is lost. */
  close(): void {
    this.#ws.terminate();
    this.#end();
  }

  /** Ends it once what was sent has left. */
  finish(): void {
    // Paused, it would not see the other end's answer.
    this.#ws.resume();
    this.#ws.close();
  }

  #take(message: SocketMessage): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) return waiting.resolve(message);
    this.#arrived.push(message);
    this.#arrivedBytes += message.data.length;
    if (this.#arrivedBytes > WAITING_BYTES_HIGH) this.#ws.pause();
  }

  #end(): void {
    this.#isOver = true;
    this.#waiting?.reject(new SocketEnd());
    this.#waiting = undefined;
  }
}
