// A partner's frames, and the turn of its session, which does not run while this side waits for one of them.
import type { Frames } from "@halfroom/wire";
import type { Turn } from "./turns.ts";

export class PartnerFrames implements Frames {
  /** From `accept` until both have signed. Then this side computes while it waits, and a partner may need long for a frame. */
  turn: Turn | undefined;
  readonly #frames: Frames;

  constructor(frames: Frames) {
    this.#frames = frames;
  }

  async send(frame: Uint8Array): Promise<void> {
    await this.#frames.send(frame);
  }

  async recv(): Promise<Uint8Array> {
    const arrival = this.#frames.recv();
    return await (this.turn === undefined ? arrival : this.turn.whileWaiting(arrival));
  }

  async close(code?: string): Promise<void> {
    await this.#frames.close(code);
  }
}
