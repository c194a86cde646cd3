// Frames over one open WebSocket: backpressure both ways, time limits, and why the connection ended.
import { FRAME_BYTES_MAX, ProtocolError } from "@halfroom/wire";
import type { Frames } from "@halfroom/wire";
import type { WebSocket } from "ws";
import { CLOSE_CODES, closeCodeOf, errorOfClose } from "./close-codes.ts";
import { SEND_BYTES_HIGH, SendGate } from "./gate.ts";
import { keepAlive } from "./keep-alive.ts";
import { FrameQueue, QUEUE_BYTES_HIGH, QUEUE_BYTES_LOW } from "./queue.ts";

/** How ws is set up on both sides. */
export const SOCKET_OPTIONS = {
  perMessageDeflate: false,
  maxPayload: FRAME_BYTES_MAX,
  /** How long the partner may take to answer a close. */
  closeTimeout: 10_000,
};

export interface SocketLimits {
  /** How long the partner may stay silent, and how long it may take nothing of what waits to be sent. */
  readonly idleMs: number;
  /** Time between two pings. */
  readonly pingMs?: number;
}

export class SocketFrames implements Frames {
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #queue: FrameQueue;
  readonly #gate: SendGate;
  #closing = false;

  /** Takes a socket that has just opened, in the same turn, so that no frame gets lost. */
  constructor(socket: WebSocket, limits: SocketLimits) {
    this.#socket = socket;
    this.#queue = new FrameQueue(limits.idleMs, () => {
      if (socket.isPaused && this.#queue.bytes < QUEUE_BYTES_LOW) socket.resume();
    });
    this.#gate = new SendGate(limits.idleMs, () => socket.bufferedAmount);
    this.closed = new Promise((resolve) => {
      socket.on("close", (code) => {
        const error = errorOfClose(code);
        this.#queue.end(error);
        this.#gate.end(error);
        resolve();
      });
    });
    socket.on("error", (error) => this.#queue.end(errorOfSocket(error)));
    socket.on("message", (data, isBinary) => this.#take(data as Buffer, isBinary));
    keepAlive(socket, { silentMsMax: limits.idleMs, pingMs: limits.pingMs }, () => {
      this.#queue.end(new ProtocolError("timeout"));
      this.#gate.end(new ProtocolError("timeout"));
      socket.terminate();
    });
  }

  async send(frame: Uint8Array): Promise<void> {
    if (this.#closing) throw new ProtocolError("closed");
    if (this.#socket.readyState === this.#socket.OPEN) {
      this.#socket.send(frame, { binary: true }, () => this.#gate.moved());
      await this.#gate.wait(SEND_BYTES_HIGH);
    } else {
      await this.closed;
      await this.#gate.wait(0);
    }
  }

  async recv(): Promise<Uint8Array> {
    return await this.#queue.shift();
  }

  async close(code?: string): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      this.#queue.end(new ProtocolError("closed"));
      this.#queue.clear();
      this.#socket.resume();
      await this.#gate.wait(0).then(
        () => this.#socket.close(closeCodeOf(code)),
        () => this.#socket.terminate(),
      );
    }
    await this.closed;
  }

  #take(frame: Buffer, isBinary: boolean): void {
    if (!isBinary) {
      this.#queue.end(new ProtocolError("malformed", "a text frame"));
      this.#socket.close(CLOSE_CODES.malformed);
      return;
    }
    this.#queue.push(frame);
    if (this.#queue.bytes > QUEUE_BYTES_HIGH) this.#socket.pause();
  }
}

/** The library's own errors are about what the partner sent; all others are the network's. */
export function errorOfSocket(error: Error & { code?: string }): ProtocolError {
  return new ProtocolError(error.code?.startsWith("WS_ERR_") ? "malformed" : "closed", undefined, {
    cause: error,
  });
}
