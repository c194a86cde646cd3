// The secret order of a session's cells (design section 2.4).
import { randomWords, type Rng } from "@halfroom/crypto";

const WORD_VALUES = 2 ** 32;

/** A uniform permutation of 0 .. count - 1 (Fisher and Yates); count is at most 2^32. */
export function permutation(count: number, rng: Rng): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const words = wordsOf(rng, count);
  for (let i = count - 1; i > 0; i--) {
    const j = below(i + 1, words);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** Uniform in 0 .. bound - 1: a word of the last, incomplete range of `bound` values would favour small results, so it is drawn again. */
function below(bound: number, words: Iterator<number, never>): number {
  const limit = WORD_VALUES - (WORD_VALUES % bound);
  for (;;) {
    const word = words.next().value;
    if (word < limit) return word % bound;
  }
}

/** Random 32-bit words without an end, `batch` drawn at a time. */
function* wordsOf(rng: Rng, batch: number): Generator<number, never> {
  for (;;) yield* randomWords(rng, batch);
}
