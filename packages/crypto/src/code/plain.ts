// The moves of the code in plain TypeScript.
import { BLOCK_WORDS } from "../block.ts";
import { SHIFTS, type CodeEngine } from "./engine.ts";

export const plainCode: CodeEngine = (vector, room) => {
  let from = vector;
  let to = room;
  let sum = new Uint32Array(BLOCK_WORDS);
  return {
    scatter(first, draws, cursors) {
      let at = first * BLOCK_WORDS;
      for (const draw of draws) {
        const place = cursors[draw & (cursors.length - 1)]!++ * BLOCK_WORDS;
        for (let w = 0; w < BLOCK_WORDS; w++) to[place + w] = sum[w]! ^= from[at++]!;
      }
    },

    shuffle(start, draws) {
      for (let i = draws.length / 2, at = 0; i > 0; i--, at += 2) {
        const other = (start + scaled(draws[at]!, draws[at + 1]!, i + 1)) * BLOCK_WORDS;
        const last = (start + i) * BLOCK_WORDS;
        for (let w = 0; w < BLOCK_WORDS; w++) {
          const word = to[last + w]!;
          to[last + w] = to[other + w]!;
          to[other + w] = word;
        }
      }
    },

    turn() {
      [from, to] = [to, from];
      sum = new Uint32Array(BLOCK_WORDS);
    },

    fold() {
      const out = new Uint32Array(from.length / 2);
      for (let at = 0, word = 0; at < out.length; word += 64 * BLOCK_WORDS) {
        for (let i = 0; i < 32; i++) {
          for (let w = 0; w < BLOCK_WORDS; w++, at++) {
            out[at] = from[word + i * BLOCK_WORDS + w]!;
            for (const shift of SHIFTS) out[at]! ^= from[word + (32 + ((i + shift) & 31)) * BLOCK_WORDS + w]!;
          }
        }
      }
      return out;
    },
  };
};

/** floor((low + 2^32 high) times / 2^64), exact in doubles for `times` up to 2^21. */
function scaled(low: number, high: number, times: number): number {
  return Math.floor((high * times + Math.floor((low * times) / 2 ** 32)) / 2 ** 32);
}
