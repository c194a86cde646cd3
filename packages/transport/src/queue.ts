// Frames that have arrived and were not taken yet; whoever fills the queue bounds its bytes.
import type { ProtocolError } from "@halfroom/wire";
import { Mailbox } from "./mailbox.ts";

/** What keeping a frame costs besides its bytes, counted so that a flood of empty frames is bounded too. */
const KEEPING_BYTES = 256;

/** Memory that a kept frame takes. */
export function frameCost(frame: Uint8Array): number {
  return frame.length + KEEPING_BYTES;
}

export class FrameQueue {
  readonly #mailbox: Mailbox<Uint8Array>;
  readonly #onTaken: () => void;
  #bytes = 0;

  /** `shift` waits `idleMs` for a frame; `onTaken` is called when a queued frame was taken and `bytes` decreased. */
  constructor(idleMs: number, onTaken: () => void) {
    this.#mailbox = new Mailbox(idleMs);
    this.#onTaken = onTaken;
  }

  /** Memory that the queued frames take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a frame; after `end` it is dropped. */
  push(frame: Uint8Array): void {
    if (this.#mailbox.put(frame)) this.#bytes += frameCost(frame);
  }

  /** No frame follows: `shift` delivers what is queued, then rejects with `error`. Only the first call counts. */
  end(error: ProtocolError): void {
    this.#mailbox.end(error);
  }

  /** Drops the queued frames. */
  clear(): void {
    this.#mailbox.clear();
    this.#bytes = 0;
  }

  /** The oldest frame; rejects with `timeout` if none arrives in time. One call may be pending at a time. */
  async shift(): Promise<Uint8Array> {
    const frame = this.#mailbox.takeNow();
    if (frame === undefined) return await this.#mailbox.take();
    this.#bytes -= frameCost(frame);
    this.#onTaken();
    return frame;
  }
}
