// Uniform permutations from a session's randomness (protocol-spec.md, section 15.3).
import { randomWords, type Rng } from "@halfroom/crypto";

/** Words drawn at a time: a draw of its own for each would cost more than the rest. */
const WORDS_AT_ONCE = 4096;

/** A uniform permutation of 0 .. count - 1 (Fisher and Yates), each step drawn by rejection, without bias. */
export function permutation(count: number, rng: Rng): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  let words = new Uint32Array(0);
  let next = 0;
  /** A uniform number up to `last`; at least so many more will be drawn. */
  const uniform = (last: number) => {
    const bound = last + 1;
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      if (next === words.length) {
        words = randomWords(rng, Math.min(last, WORDS_AT_ONCE));
        next = 0;
      }
      const drawn = words[next++]!;
      if (drawn < limit) return drawn % bound;
    }
  };
  for (let i = count - 1; i > 0; i--) {
    const j = uniform(i);
    const moved = order[i]!;
    order[i] = order[j]!;
    order[j] = moved;
  }
  return order;
}

/** Marks a place that is done; numbers are below it. */
const DONE = 2 ** 31;

/** The permutation that undoes `order`, in its place: of everybody two would take a lot of memory. */
export function inverted(order: Uint32Array): Uint32Array {
  for (let start = 0; start < order.length; start++) {
    // Along a cycle, each place learns which one led to it.
    for (let [from, at] = [start, order[start]!]; at < DONE;) {
      const next = order[at]!;
      order[at] = from + DONE;
      [from, at] = [at, next];
    }
    order[start]! -= DONE;
  }
  return order;
}
