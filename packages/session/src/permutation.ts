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
