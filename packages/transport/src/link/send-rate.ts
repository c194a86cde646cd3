// How fast a line takes what this side sends. The clock runs while the system has not taken all that was handed to it: what a session
// computes in between says nothing of its line. What the system has taken is on its way or in a buffer of it, which holds no more than a window; over a
// stretch of four windows that is a third at most. A thread that is busy hears late that a frame has left, and so finds its line slower
// than it is, never faster: the fastest stretch is the nearest.
import { performance } from "node:perf_hooks";
import { WINDOW_BYTES } from "./sent-frames.ts";

const STRETCH_BYTES = 4 * WINDOW_BYTES;
/** Stretches begin that often. */
const MARK_BYTES = WINDOW_BYTES / 8;
/** 10 Gbit/s: nothing waits for a line that is faster. */
const BYTES_PER_SECOND_MAX = 1e10 / 8;

interface Mark {
  readonly bytes: number;
  readonly ms: number;
}

export class SendRate {
  readonly #nowMs: () => number;
  /** Frames that the system has not taken. */
  #waiting = 0;
  #waitingSince = 0;
  /** Milliseconds in which some waited, up to the last time that none did. */
  #waitedMs = 0;
  #bytes = 0;
  /** Where stretches begin, the oldest first. */
  readonly #marks: Mark[] = [{ bytes: 0, ms: 0 }];
  #best: number | undefined;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Of the fastest stretch, 1.25e9 at most; undefined until one of 32 MiB has left. */
  get bytesPerSecond(): number | undefined {
    return this.#best;
  }

  /** A frame was handed to the system. */
  handed(): void {
    if (this.#waiting++ === 0) this.#waitingSince = this.#nowMs();
  }

  /** The system has taken a frame of so many bytes; none, if the frame was lost with its connection. */
  taken(bytes: number): void {
    const ms = this.#waitedMs + this.#nowMs() - this.#waitingSince;
    this.#bytes += bytes;
    if (--this.#waiting === 0) this.#waitedMs = ms;
    while (this.#bytes - (this.#marks[1]?.bytes ?? Infinity) >= STRETCH_BYTES) this.#marks.shift();
    const { bytes: before, ms: beganMs } = this.#marks[0]!;
    const stretch = this.#bytes - before;
    if (stretch >= STRETCH_BYTES) this.#best = Math.max(rateOf(stretch, ms - beganMs), this.#best ?? 0);
    if (this.#bytes - this.#marks.at(-1)!.bytes >= MARK_BYTES) this.#marks.push({ bytes: this.#bytes, ms });
  }
}

function rateOf(bytes: number, ms: number): number {
  return Math.min(BYTES_PER_SECOND_MAX, (1000 * bytes) / ms);
}
