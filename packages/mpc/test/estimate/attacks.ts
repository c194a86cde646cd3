// What is known against regular noise: n places in t blocks of n / t, one error each, of which n / 2 parity checks are seen. Costs are in bits,
// to the attackers' favour: an elimination of all n columns counts n steps, memory nothing, and linear algebra on N unknowns N^2.
import { log2Binomial } from "./binomials.ts";

export interface Noise {
  readonly trees: number;
  readonly depth: number;
}

/**
 * Linear tests (eprint 2022/1014): no word of weight between delta n and (1 - delta) n, spread over the blocks as evenly as
 * interleaved blocks are, has a larger bias than (1 - 2 delta)^t. What a distinguisher needs is its inverse.
 */
export function linearTestBits({ trees }: Noise, delta: number): number {
  return -trees * Math.log2(1 - 2 * delta);
}

/**
 * Information sets for regular noise (eprint 2023/1568, by permutation and by enumeration): as many places of each block, and that each block has one error counts
 * as t more checks. p errors in either half of the blocks are looked for in lists that meet in `l` checks; p = 0 is Prange's.
 */
export function informationSetBits({ trees: t, depth }: Noise): number {
  const s = 2 ** depth;
  const n = t * s;
  const half = Math.floor(t / 2);
  let least = Infinity;
  for (let p = 0; p <= half / 2; p++) {
    for (let l = p === 0 ? 0 : 1; l <= (p === 0 ? 0 : 4 * (depth + 1) * p); l += 1 + Math.floor(l / 8)) {
      const places = (n / 2 - t + l) / t;
      const inside = places / s;
      const chance = 2 * (log2Binomial(half, p) + p * Math.log2(inside) + (half - p) * Math.log2(1 - inside));
      const list = log2Binomial(half, p) + p * Math.log2(places);
      const work = Math.max(Math.log2(n), list + 1, 2 * list - l);
      least = Math.min(least, work - chance);
    }
  }
  return least;
}

/**
 * The algebraic attack (eprint 2023/176), hybrid: `rest` places are left of each of `guessed` blocks, the others being guessed free of errors; then the
 * Macaulay matrix of the degree at which the Hilbert series of a system in general position stops being positive is solved.
 */
export function algebraicBits({ trees: t, depth }: Noise): number {
  const s = 2 ** depth;
  let least = Infinity;
  for (let guessed = 0; guessed <= t; guessed += Math.max(1, Math.floor(t / 64))) {
    for (let rest = 1; rest <= s; rest *= 2) {
      const guess = guessed * Math.log2(s / rest);
      if (guess >= least || (guessed === 0 && rest < s)) continue;
      const degree = witnessDegree([t - guessed, guessed], [s - 1, rest - 1], (t * s) / 2);
      least = Math.min(least, guess + 2 * log2Monomials([t - guessed, guessed], [s - 1, rest - 1], degree));
    }
  }
  return least;
}

type Two = readonly [number, number];

/** The first degree at which (1 + a z)^p (1 + b z)^q (1 - z)^checks has a coefficient that is not positive. */
export function witnessDegree([p, q]: Two, [a, b]: Two, checks: number): number {
  // P' Q = P R with Q = (1 + a z)(1 + b z)(1 - z).
  const Q = [1, a + b - 1, a * b - a - b, -a * b];
  const R = [
    p * a + q * b - checks,
    p * a * (b - 1) + q * b * (a - 1) - checks * (a + b),
    -(p + q) * a * b - checks * a * b,
  ];
  // The last three coefficients, by the last one.
  let last: [number, number, number] = [1, 0, 0];
  for (let d = 0; d < p + q; d++) {
    let next = 0;
    for (let j = 0; j < 3; j++) next += R[j]! * last[j]! - Q[j + 1]! * Math.max(0, d - j) * last[j]!;
    next /= d + 1;
    if (next <= 0) return d + 1;
    last = [1, last[0] / next, last[1] / next];
  }
  return p + q;
}

/** log2 of the coefficient of z^degree in (1 + a z)^p (1 + b z)^q, by its largest term. */
export function log2Monomials([p, q]: Two, [a, b]: Two, degree: number): number {
  let most = 0;
  for (let i = Math.max(0, degree - q); i <= Math.min(p, degree); i++) {
    const rest = degree - i;
    if (rest > 0 && b === 0) continue;
    const term =
      log2Binomial(p, i) + i * Math.log2(a) + log2Binomial(q, rest) + (rest > 0 ? rest * Math.log2(b) : 0);
    most = Math.max(most, term);
  }
  return most;
}
