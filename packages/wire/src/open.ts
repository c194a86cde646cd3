// The typed channel over a stream of frames: sequence numbers, the transcript, aborts.
import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import type { Channel, Frames } from "./channel.ts";
import { decodeFrame, encodeFrame } from "./codec.ts";
import { ProtocolError, isErrorCode } from "./errors.ts";
import { Lanes } from "./lanes.ts";
import type { Message, MessageType } from "./messages.ts";

export interface OpenChannel extends Channel {
  /** As `recv`, where the partner may send one of several types. */
  recvOneOf<T extends MessageType>(types: readonly T[]): Promise<Message<T>>;
  /** Streams of frames beside this one, over the same connection; the transcript does not cover them. */
  readonly lanes: Lanes;
  /** Whole frames, those of lanes included, the transport's own envelope not. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /**
   * 32 bytes over all frames so far; both sides get the same when they saw the same messages:
   * SHA-256("halfroom/v1/transcript" || SHA-256(frames of the sender) || SHA-256(frames of the receiver)),
   * where each inner hash runs over the frames as they went over the wire, one after the other (a frame is
   * self-delimiting): this side's from the call of `send` on, the partner's once `recv` has taken them.
   */
  transcript(): Uint8Array;
  /** Tells the partner the error's code and nothing else, then closes; anything but a ProtocolError counts as `internal`. Never rejects. */
  abort(error: unknown): Promise<void>;
  /** Closes once what was sent has left. Never rejects. */
  close(): Promise<void>;
}

const TRANSCRIPT_LABEL = "halfroom/v1/transcript";

/**
 * A channel over `frames` for the side in `role`. Messages leave in the order of the calls of `send`, awaited or not;
 * one `recv` may be pending at a time. After any error the channel is dead: each further call rejects with that error.
 * `recv` rejects with `malformed`, `sequence`, `unexpected`, what `frames` reports (`closed`, `timeout`), or the code
 * of the partner's abort, then with `fromPartner` set.
 */
export function openChannel(frames: Frames, role: "sender" | "receiver"): OpenChannel {
  return new FrameChannel(frames, role);
}

/** The frames of one direction so far. */
class Direction {
  readonly #hash: Hash = createHash("sha256");
  frames = 0;
  bytes = 0;

  add(frame: Uint8Array): void {
    this.#hash.update(frame);
    this.frames++;
    this.bytes += frame.length;
  }

  digest(): Uint8Array {
    return this.#hash.copy().digest();
  }
}

class FrameChannel implements OpenChannel {
  readonly lanes: Lanes;
  readonly #frames: Frames;
  readonly #role: "sender" | "receiver";
  readonly #sent = new Direction();
  readonly #received = new Direction();
  #receiving = false;
  #failure: ProtocolError | undefined;

  constructor(frames: Frames, role: "sender" | "receiver") {
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
    const digests = [this.#sent.digest(), this.#received.digest()];
    if (this.#role === "receiver") digests.reverse();
    const hash = createHash("sha256").update(TRANSCRIPT_LABEL);
    for (const digest of digests) hash.update(digest);
    return new Uint8Array(hash.digest());
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
    this.#sent.add(frame);
    await this.#frames.send(frame);
  }

  async #recvMessage(): Promise<Message> {
    if (this.#receiving) throw new ProtocolError("internal", "two receives at the same time");
    this.#receiving = true;
    try {
      const frame = await this.#frames.recv();
      const { sequence, message } = decodeFrame(frame);
      if (sequence !== this.#received.frames) throw new ProtocolError("sequence");
      this.#received.add(frame);
      return message;
    } finally {
      this.#receiving = false;
    }
  }

  /** The first error stays. */
  #fail(error: unknown): ProtocolError {
    this.#failure ??=
      error instanceof ProtocolError ? error : new ProtocolError("internal", undefined, { cause: error });
    return this.#failure;
  }
}

function partnerAborted(code: string): ProtocolError {
  return new ProtocolError(isErrorCode(code) ? code : "internal", undefined, { fromPartner: true });
}
