// Turns for sessions that compute: a number of them at once, and a bounded queue.
export class Slots {
  readonly #max: number;
  readonly #queueMax: number;
  readonly #queue: (() => void)[] = [];
  #taken = 0;

  constructor(max: number, queueMax: number) {
    this.#max = max;
    this.#queueMax = queueMax;
  }

  get running(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Whether the next caller has to wait. */
  get waits(): boolean {
    return this.#taken >= this.#max;
  }

  /** Whether the next caller is turned away. */
  get full(): boolean {
    return this.waits && this.#queue.length >= this.#queueMax;
  }

  /** Resolves when it is the caller's turn, in the order of the calls. The caller must `leave`. */
  async enter(): Promise<void> {
    if (this.#taken < this.#max) {
      this.#taken++;
      return;
    }
    await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#taken--;
    else next();
  }
}
