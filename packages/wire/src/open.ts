// The typed channel over a stream of frames: sequence numbers, the transcript, aborts.
import type { Channel, Frames } from "./channel.ts";
import { decodeFrame, encodeFrame } from "./codec.ts";
import { ProtocolError, isErrorCode } from "./errors.ts";
import { Lanes } from "./lanes.ts";
import type { Message, MessageType } from "./messages.ts";
import { protocolError } from "./unawaited.ts";
import { Direction, transcriptOf, type MessageRecord } from "./transcript.ts";

export interface OpenChannel extends Channel {
  /** As `recv`, where the partner may send one of several types. */
  recvOneOf<T extends MessageType>(types: readonly T[]): Promise<Message<T>>;
  /** Streams of frames beside this one, over the same connection; the transcript does not cover them. */
  readonly lanes: Lanes;
  /** Whole frames, those of lanes included, the transport's own envelope not. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /**
   * 32 bytes over all frames so far, `transcriptOf` their digests; both sides get the same when they saw the same messages.
   * This side's count from the call of `send` on, the partner's once `recv` has taken them.
   */
  transcript(): Uint8Array;
  /** All messages so far, in the order in which this side sent and took them. */
  readonly messages: readonly MessageRecord[];
  /** Tells the partner the error's code and nothing else, then closes; anything but a ProtocolError counts as `internal`. Never rejects. */
  abort(error: unknown): Promise<void>;
  /** Closes once what was sent has left. Never rejects. */
  close(): Promise<void>;
}

/**
 * A channel over `frames` for the side in `role`. Messages leave in the order of the calls of `send`, awaited or not;
 * one `recv` may be pending at a time. After any error the channel is dead: each further call rejects with that error.
 * `recv` rejects with `malformed`, `sequence`, `unexpected`, what `frames` reports (`closed`, `timeout`), or the code
 * of the partner's abort, then with `fromPartner` set.
 */
export function openChannel(
  frames: Frames,
  role: "sender" | "receiver",
  begun: Begun = { sent: 0, received: 0 },
): OpenChannel {
  return new FrameChannel(frames, role, begun);
}

/** Messages that went over the stream before, of which a replay computes nothing. */
interface Begun {
  readonly sent: number;
  readonly received: number;
}

class FrameChannel implements OpenChannel {
  readonly lanes: Lanes;
  readonly #frames: Frames;
  readonly #role: "sender" | "receiver";
  readonly #messages: MessageRecord[] = [];
  readonly #sent = new Direction();
  readonly #received = new Direction();
  #receiving = false;
  #failure: ProtocolError | undefined;

  constructor(frames: Frames, role: "sender" | "receiver", begun: Begun) {
    this.#sent.frames = begun.sent;
    this.#received.frames = begun.received;
    this.lanes = new Lanes(frames);
    this.#frames = this.lanes.own;
    this.#role = role;
  }

  get bytesSent(): number {
    return this.#sent.bytes + this.lanes.bytesSent;
  }

  get bytesReceived(): number {
    return this.#received.bytes + this.lanes.bytesReceived;
  }

  transcript(): Uint8Array {
    const [sent, received] = [this.#sent, this.#received];
    return this.#role === "sender" ? transcriptOf(sent, received) : transcriptOf(received, sent);
  }

  get messages(): readonly MessageRecord[] {
    return this.#messages;
  }

  async send(message: Message): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      await this.#sendFrame(message);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  async recv<T extends MessageType>(type: T): Promise<Message<T>> {
    return await this.recvOneOf([type]);
  }

  async recvOneOf<T extends MessageType>(types: readonly T[]): Promise<Message<T>> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      const message = await this.#recvMessage();
      if (message.type === "abort") throw partnerAborted(message.code);
      if (!(types as readonly MessageType[]).includes(message.type))
        throw new ProtocolError("unexpected", `"${message.type}" where "${types.join('" or "')}" was due`);
      return message as Message<T>;
    } catch (error) {
      throw this.#fail(error);
    }
  }

  async abort(error: unknown): Promise<void> {
    const { code, fromPartner } = this.#fail(error);
    // Nobody waits for the frame itself: closing lets what was sent leave, and a dead connection takes nothing.
    if (!fromPartner) this.#sendFrame({ type: "abort", code }).catch(() => {});
    await this.#frames.close(fromPartner ? undefined : code);
  }

  async close(): Promise<void> {
    this.#fail(new ProtocolError("closed", "this side closed the channel"));
    await this.#frames.close();
  }

  /** The frame is numbered, hashed and handed on before the first wait, so that calls cannot overtake each other. */
  async #sendFrame(message: Message): Promise<void> {
    const frame = encodeFrame(this.#sent.frames, message);
    this.#messages.push({ direction: "sent", ...this.#sent.add(frame, message) });
    await this.#frames.send(frame);
  }

  async #recvMessage(): Promise<Message> {
    if (this.#receiving) throw new ProtocolError("internal", "two receives at the same time");
    this.#receiving = true;
    try {
      const frame = await this.#frames.recv();
      const { sequence, message } = decodeFrame(frame);
      if (sequence !== this.#received.frames) throw new ProtocolError("sequence");
      this.#messages.push({ direction: "received", ...this.#received.add(frame, message) });
      return message;
    } finally {
      this.#receiving = false;
    }
  }

  /** The first error stays. */
  #fail(error: unknown): ProtocolError {
    this.#failure ??= protocolError(error);
    return this.#failure;
  }
}

function partnerAborted(code: string): ProtocolError {
  return new ProtocolError(isErrorCode(code) ? code : "internal", undefined, { fromPartner: true });
}
