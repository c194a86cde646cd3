// How many words of the code of silent transfers have a low weight, or a high one: the expectation over its two permutations, which are uniform
// but for 2^-25. The code is the serial concatenation of a block code with two accumulators (Pfister and Siegel, IEEE Trans. Inf. Theory 49,
// 2003), so the expectation is a sum over the weights in between.
//
// Its words are those of n / 64 words of the extremal self-dual code [64, 32, 12], permuted, accumulated, permuted, accumulated. Of weight w
// a uniformly permuted word is accumulated to weight h with probability C(n - h, floor(w/2)) C(h - 1, ceil(w/2) - 1) / C(n, w).
import { log2Binomial, log2Sum } from "./binomials.ts";

/** Words of each weight of the short code: of an extremal doubly-even self-dual code of length 64, by Gleason's theorem. */
export const SHORT_WEIGHTS: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [12, 2976],
  [16, 454_956],
  [20, 18_275_616],
  [24, 233_419_584],
  [28, 1_041_971_008],
  [32, 1_706_719_014],
  [36, 1_041_971_008],
  [40, 233_419_584],
  [44, 18_275_616],
  [48, 454_956],
  [52, 2976],
  [64, 1],
]);
const WORD = 64;

/** log2 of an upper bound of how many words of weight w `blocks` words of the short code make: the least W(z)^blocks / z^w over z. */
export function log2Words(w: number, blocks: number): number {
  let [low, high] = [-40, 40];
  for (let i = 0; i < 100; i++) {
    const s = (low + high) / 2;
    if (tilted(s).mean * blocks < w) low = s;
    else high = s;
  }
  return (blocks * tilted(low).ln - w * low) / Math.LN2;
}

/** ln W(e^s), and the mean weight under it. */
function tilted(s: number): { ln: number; mean: number } {
  const terms = [...SHORT_WEIGHTS].map(([w, count]) => [w, Math.log(count) + w * s] as const);
  const most = Math.max(...terms.map(([, ln]) => ln));
  let [sum, weighted] = [0, 0];
  for (const [w, ln] of terms) {
    sum += Math.exp(ln - most);
    weighted += w * Math.exp(ln - most);
  }
  return { ln: most + Math.log(sum), mean: weighted / sum };
}

/** log2 of the probability that a permuted word of weight w is accumulated to weight h. */
function log2Accumulated(n: number, w: number, h: number): number {
  const runs = Math.ceil(w / 2);
  return log2Binomial(n - h, w - runs) + log2Binomial(h - 1, runs - 1) - log2Binomial(n, w);
}

/** A weight of a grid, and how many weights it stands for. */
interface Stretch {
  readonly at: number;
  readonly width: number;
}

/** All weights up to 64 and from n - 64 on, and of the others one in twenty. */
function grid(n: number): Stretch[] {
  const lower: number[] = [];
  for (let at = 1; at < n / 2; at = at < 64 ? at + 1 : Math.ceil(at * 1.05)) lower.push(at);
  const all = [...lower, ...lower.map((at) => n - at).reverse()].filter((at, i, list) => at !== list[i - 1]);
  return all.map((at, i) => ({ at, width: Math.max(1, (all[i + 1] ?? n) - at) }));
}

/**
 * log2 of the expected number of words of the code of length n, but zero, of weight at most delta n or at least (1 - delta) n.
 */
export function log2BadWords(n: number, delta: number): number {
  const weights = grid(n);
  const outer = weights.filter(({ at }) => at >= 12 && at <= n - 12);
  const words = outer.map(({ at }) => log2Words(at, n / WORD));
  // The weights of the short code are multiples of 4.
  const between = weights.map(({ at: h }) =>
    outer.reduce((sum, { at, width }, i) => {
      const w = 4 * Math.ceil(at / 4);
      const count = Math.max(0, Math.log2(width / 4)) + words[i]!;
      return log2Sum(sum, count + log2Accumulated(n, w, h));
    }, -Infinity),
  );
  const bad = weights.filter(({ at }) => at <= delta * n || at >= (1 - delta) * n);
  let sum = -Infinity;
  for (const { at: h, width } of bad)
    for (const [i, { at: w, width: each }] of weights.entries()) {
      // Odd and even weights differ in their runs: the worse of both.
      const odd = Math.max(log2Accumulated(n, w, h), log2Accumulated(n, Math.min(w + 1, n), h));
      sum = log2Sum(sum, between[i]! + Math.log2(each) + Math.log2(width) + odd);
    }
  return sum;
}
