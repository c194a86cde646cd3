// The frames of one attempt of a shard over a stream of its own (protocol-spec.md, section 6.6): binary messages, each with the head of the
// lane in whose place the stream is.
import { laneInHead, ProtocolError, type Frames } from "@halfroom/wire";
import type { WebSocket } from "ws";
import { SocketEnd, SocketMessages } from "../socket-messages.ts";

/** A partner that is gone is noticed within 40 s, as on a link. */
const IDLE_MS = 60_000;

export class StreamFrames implements Frames {
  readonly #messages: SocketMessages;
  readonly #lane: number;
  #isClosed = false;
  #isLost = false;

  constructor(ws: WebSocket, lane: number) {
    this.#messages = new SocketMessages(ws, IDLE_MS);
    this.#lane = lane;
  }

  /** Whether it ended before this side closed it, while this side still had something to say or to hear. */
  get isLost(): boolean {
    return this.#isLost;
  }

  async send(frame: Uint8Array): Promise<void> {
    if (this.#isClosed) throw new ProtocolError("closed");
    await this.#orLost(this.#messages.send(frame));
  }

  /** Errors: `closed`; `malformed` for what is no frame, `unexpected` for one of another lane. */
  async recv(): Promise<Uint8Array> {
    if (this.#isClosed) throw new ProtocolError("closed");
    const { data, isBinary } = await this.#orLost(this.#messages.recv());
    const lane = isBinary ? laneInHead(data) : undefined;
    if (lane === undefined)
      throw new ProtocolError("malformed", "a message on a shard's stream that is no frame");
    if (lane !== this.#lane)
      throw new ProtocolError("unexpected", "a frame of another lane on a shard's stream");
    return data;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#messages.finish();
  }

  /** Resolves once all that was sent has left and the connection is gone. */
  get gone(): Promise<void> {
    return this.#messages.gone;
  }

  /** At once. */
  drop(): void {
    this.#isClosed = true;
    this.#messages.close();
  }

  async #orLost<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (cause) {
      if (!(cause instanceof SocketEnd)) throw cause;
      this.#isLost ||= !this.#isClosed;
      throw new ProtocolError("closed", undefined, { cause });
    }
  }
}
