// Multiplication triples of bits (Beaver, CRYPTO 1991): what an AND gate on shares uses up.

/** One party's xor shares of random bits with c = a AND b; the three are equally long. */
export interface Triples {
  readonly a: Uint32Array;
  readonly b: Uint32Array;
  readonly c: Uint32Array;
}

export interface TripleSource {
  /** The next `words` words of 32 triples, never the same twice. Errors: RangeError if fewer are left. */
  take(words: number): Triples;
}

/** Hands out triples that were made beforehand, in order. Both parties must take the same numbers of words. */
export class TriplePool implements TripleSource {
  readonly #triples: Triples;
  #used = 0;

  constructor(triples: Triples) {
    this.#triples = triples;
  }

  /** Words not taken yet. */
  get left(): number {
    return this.#triples.a.length - this.#used;
  }

  take(words: number): Triples {
    if (words > this.left) throw new RangeError(`${words} words of triples asked for, ${this.left} left`);
    const start = this.#used;
    this.#used += words;
    const next = (share: Uint32Array) => share.subarray(start, this.#used);
    return { a: next(this.#triples.a), b: next(this.#triples.b), c: next(this.#triples.c) };
  }
}
