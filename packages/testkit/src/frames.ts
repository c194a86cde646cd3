// Frames in memory, and a recorder for frames of any kind.
import { setImmediate } from "node:timers/promises";
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

/**
 * Counts round trips by a logical clock: a frame arrives half a trip after its writer's hour, and moves the reader's hour on to its
 * arrival. Work takes no time. So the hour is the longest chain of frames that each waited for the one before.
 */
export class TripClock {
  readonly #hours = new Map<string, number>();
  readonly #arrivals = new Map<string, number[]>();

  /** The frames of one end, which goes by `name`, of a connection with two ends. */
  wrap(frames: Frames, name: string): Frames {
    this.#hours.set(name, 0);
    const onTheWay: number[] = [];
    this.#arrivals.set(name, onTheWay);
    return {
      send: (frame) => {
        onTheWay.push(this.#hours.get(name)! + HALF_A_TRIP);
        return frames.send(frame);
      },
      recv: async () => {
        const frame = await frames.recv();
        // Work takes no time: what a side can do without this frame it has done.
        await setImmediate();
        const [arrivals] = [...this.#arrivals].flatMap(([end, ofEnd]) => (end === name ? [] : [ofEnd]));
        this.#hours.set(name, Math.max(this.#hours.get(name)!, arrivals!.shift()!));
        return frame;
      },
      close: (code) => frames.close(code),
    };
  }

  /** Round trips until the last frame so far was taken. */
  get trips(): number {
    return Math.max(...this.#hours.values());
  }
}

const HALF_A_TRIP = 0.5;
