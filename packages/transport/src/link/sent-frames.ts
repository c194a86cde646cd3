// The frames that the partner has not taken yet, in order, so that they can be sent again on another connection.
import { frameCost } from "../queue.ts";

/** Most bytes on their way and not taken yet, including the memory that keeping a frame costs. */
export const WINDOW_BYTES = 1 << 23;

export class SentFrames {
  /** The oldest is number `#taken`. */
  #frames: Uint8Array[] = [];
  #taken = 0;
  /** The number of the next frame to go out on this connection. */
  #next = 0;
  #bytes = 0;
  #bytesOut = 0;

  /** How many frames there were so far. */
  get count(): number {
    return this.#taken + this.#frames.length;
  }

  /** Bytes kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether no frame is waiting to be sent. */
  get allOut(): boolean {
    return this.#next === this.count;
  }

  /** The number of the frame that `next` gives next. */
  get nextNumber(): number {
    return this.#next;
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

  /** Forgets the frames before number `count`; false if fewer went out, or if an earlier count was higher. */
  forget(count: number): boolean {
    if (count < this.#taken || count > this.#next) return false;
    for (const frame of this.#frames.splice(0, count - this.#taken)) {
      this.#bytes -= frameCost(frame);
      this.#bytesOut -= frameCost(frame);
    }
    this.#taken = count;
    return true;
  }

  /** On a new connection: the partner has received `count` frames, the rest is sent again. False if that is impossible. */
  rewind(count: number): boolean {
    if (count < this.#taken || count > this.#next) return false;
    for (let number = count; number < this.#next; number++) {
      this.#bytesOut -= frameCost(this.#frames[number - this.#taken]!);
    }
    this.#next = count;
    return true;
  }
}
