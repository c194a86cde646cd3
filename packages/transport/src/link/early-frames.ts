// Frames that came over one connection of a link before those that they follow came over another.
import { frameCost } from "../queue.ts";

export class EarlyFrames {
  readonly #frames = new Map<number, Buffer>();
  #bytes = 0;

  /** Memory that they take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** False if there is a frame of this number already. */
  add(number: number, frame: Buffer): boolean {
    if (this.#frames.has(number)) return false;
    this.#frames.set(number, frame);
    this.#bytes += frameCost(frame);
    return true;
  }

  /** Takes the frame out, if it is here. */
  take(number: number): Buffer | undefined {
    const frame = this.#frames.get(number);
    if (frame === undefined) return undefined;
    this.#frames.delete(number);
    this.#bytes -= frameCost(frame);
    return frame;
  }

  clear(): void {
    this.#frames.clear();
    this.#bytes = 0;
  }
}
