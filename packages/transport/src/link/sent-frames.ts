// Frames of this side until the partner has taken them, in order, so that they can be sent again on another connection.
import { frameCost } from "../queue.ts";

/** Most that is on its way and not taken yet; counted with what keeping a frame costs. */
export const WINDOW_BYTES = 1 << 23;

export class SentFrames {
  /** The oldest is number `#taken`. */
  #frames: Uint8Array[] = [];
  #taken = 0;
  /** The number of the next frame to go out on this connection. */
  #next = 0;
  #bytes = 0;
  #bytesOut = 0;

  /** Frames so far. */
  get count(): number {
    return this.#taken + this.#frames.length;
  }

  /** What is kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether no frame waits for its turn. */
  get allOut(): boolean {
    return this.#next === this.count;
  }

  push(frame: Uint8Array): void {
    this.#frames.push(frame);
    this.#bytes += frameCost(frame);
  }

  /** The next frame to go out; undefined if there is none, or if the window is full. */
  next(): Uint8Array | undefined {
    const frame = this.#frames[this.#next - this.#taken];
    if (frame === undefined) return undefined;
    const cost = frameCost(frame);
    if (this.#bytesOut > 0 && this.#bytesOut + cost > WINDOW_BYTES) return undefined;
    this.#next++;
    this.#bytesOut += cost;
    return frame;
  }

  /** Forgets the frames before number `count`; false if not so many went out, or if fewer are there than before. */
  forget(count: number): boolean {
    if (count < this.#taken || count > this.#next) return false;
    for (const frame of this.#frames.splice(0, count - this.#taken)) {
      this.#bytes -= frameCost(frame);
      this.#bytesOut -= frameCost(frame);
    }
    this.#taken = count;
    return true;
  }

  /** On a new connection: the partner has received `count` frames, the rest goes out again. False if that cannot be. */
  rewind(count: number): boolean {
    if (count < this.#taken || count > this.#next) return false;
    for (let number = count; number < this.#next; number++) {
      this.#bytesOut -= frameCost(this.#frames[number - this.#taken]!);
    }
    this.#next = count;
    return true;
  }
}
