// Frames in memory, and a recorder for frames of any kind.
import { FrameQueue, SEND_BYTES_HIGH, SendGate, closeCodeOf, errorOfClose } from "@halfroom/transport";
import { ProtocolError } from "@halfroom/wire";
import type { Frames } from "@halfroom/wire";

/** Two connected ends that behave like a socket's: bounded, ordered, with time limits and a reason for the end. */
export function memoryFrames({ idleMs }: { idleMs: number }): [Frames, Frames] {
  const left = new MemoryFrames(idleMs);
  const right = new MemoryFrames(idleMs);
  left.connect(right);
  right.connect(left);
  return [left, right];
}

class MemoryFrames implements Frames {
  readonly #incoming: FrameQueue;
  readonly #gate: SendGate;
  #partner: MemoryFrames = this;

  constructor(idleMs: number) {
    this.#incoming = new FrameQueue(idleMs, () => this.#partner.#gate.moved());
    this.#gate = new SendGate(idleMs, () => this.#partner.#incoming.bytes);
  }

  connect(partner: MemoryFrames): void {
    this.#partner = partner;
  }

  async send(frame: Uint8Array): Promise<void> {
    this.#partner.#incoming.push(frame);
    await this.#gate.wait(SEND_BYTES_HIGH);
  }

  async recv(): Promise<Uint8Array> {
    return await this.#incoming.shift();
  }

  async close(code?: string): Promise<void> {
    this.#end(new ProtocolError("closed"));
    this.#incoming.clear();
    this.#partner.#end(errorOfClose(closeCodeOf(code)));
  }

  #end(error: ProtocolError): void {
    this.#incoming.end(error);
    this.#gate.end(error);
  }
}

export interface RecordedFrame {
  readonly direction: "sent" | "received";
  readonly frame: Uint8Array;
}

/** Passes everything on and keeps a copy of each frame in `log`, in the order of the calls. */
export function recordFrames(frames: Frames): Frames & { readonly log: readonly RecordedFrame[] } {
  const log: RecordedFrame[] = [];
  return {
    log,
    async send(frame) {
      log.push({ direction: "sent", frame: new Uint8Array(frame) });
      await frames.send(frame);
    },
    async recv() {
      const frame = await frames.recv();
      log.push({ direction: "received", frame: new Uint8Array(frame) });
      return frame;
    },
    close: (code) => frames.close(code),
  };
}

/** A partner whose frames are all known: `recv` gives them one by one, and `sent` keeps what this side sends. */
export function replayFrames(
  partner: readonly Uint8Array[],
): Frames & { readonly sent: readonly Uint8Array[] } {
  const sent: Uint8Array[] = [];
  let next = 0;
  return {
    sent,
    async send(frame) {
      sent.push(new Uint8Array(frame));
    },
    async recv() {
      const frame = partner[next++];
      if (frame === undefined) throw new ProtocolError("closed");
      return new Uint8Array(frame);
    },
    async close() {},
  };
}
