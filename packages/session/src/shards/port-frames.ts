// Frames between two threads: buffers move, nothing is copied, and each end stops when the other falls behind.
import type { MessagePort } from "node:worker_threads";
import { guarded, isErrorCode, ProtocolError, type Frames } from "@halfroom/wire";

/** What goes over the port: a frame, the bytes of frames taken, or why nothing follows. */
type PortMessage =
  | { readonly frame: Uint8Array }
  | { readonly taken: number }
  | { readonly end: string; readonly fromPartner: boolean };

export class PortFrames implements Frames {
  readonly #port: MessagePort;
  readonly #waitingBytesHigh: number;
  readonly #arrived: Uint8Array[] = [];
  #receiver: { resolve(frame: Uint8Array): void; reject(error: ProtocolError): void } | undefined;
  #senders: { resolve(): void; reject(error: ProtocolError): void }[] = [];
  /** Bytes that the other end has not taken. */
  #waitingBytes = 0;
  #failure: ProtocolError | undefined;

  /** A sender waits while the other end has more than `waitingBytesHigh` that it has not taken. */
  constructor(port: MessagePort, waitingBytesHigh: number) {
    this.#port = port;
    this.#waitingBytesHigh = waitingBytesHigh;
    const failed = (error: ProtocolError) => this.#end(error);
    port.on(
      "message",
      guarded((message: PortMessage) => this.#take(message), failed),
    );
    port.on(
      "close",
      guarded(() => this.#end(new ProtocolError("closed")), failed),
    );
  }

  async send(frame: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const whole = frame.byteLength === frame.buffer.byteLength ? frame : new Uint8Array(frame);
    this.#waitingBytes += whole.length;
    this.#post({ frame: whole }, [whole.buffer as ArrayBuffer]);
    if (this.#waitingBytes <= this.#waitingBytesHigh) return;
    await new Promise<void>((resolve, reject) => this.#senders.push({ resolve, reject }));
  }

  async recv(): Promise<Uint8Array> {
    const frame = this.#arrived.shift();
    if (frame !== undefined) {
      this.#post({ taken: frame.length });
      return frame;
    }
    if (this.#failure !== undefined) throw this.#failure;
    return await new Promise((resolve, reject) => (this.#receiver = { resolve, reject }));
  }

  /** The other end gets what was sent before, then the code. */
  async close(code = "closed"): Promise<void> {
    this.fail(new ProtocolError(isErrorCode(code) ? code : "internal"));
  }

  /** As `close`, with an error of this end's own. */
  fail({ code, fromPartner }: ProtocolError): void {
    this.#post({ end: code, fromPartner });
    this.#end(new ProtocolError("closed"));
    this.#port.close();
  }

  #take(message: PortMessage): void {
    if ("frame" in message) this.#arrive(message.frame);
    else if ("taken" in message) this.#left(message.taken);
    else this.#end(errorOf(message.end, message.fromPartner));
  }

  #arrive(frame: Uint8Array): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    if (receiver === undefined) {
      this.#arrived.push(frame);
      return;
    }
    this.#post({ taken: frame.length });
    receiver.resolve(frame);
  }

  #left(bytes: number): void {
    this.#waitingBytes -= bytes;
    if (this.#waitingBytes > this.#waitingBytesHigh) return;
    for (const { resolve } of this.#senders.splice(0)) resolve();
  }

  #end(error: ProtocolError): void {
    this.#failure ??= error;
    this.#receiver?.reject(this.#failure);
    this.#receiver = undefined;
    for (const { reject } of this.#senders.splice(0)) reject(this.#failure);
  }

  #post(message: PortMessage, moved: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, moved);
  }
}

function errorOf(code: string, fromPartner: boolean): ProtocolError {
  return new ProtocolError(isErrorCode(code) ? code : "internal", undefined, { fromPartner });
}
