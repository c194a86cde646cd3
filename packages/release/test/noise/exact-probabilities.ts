// Probabilities of the noise from their definitions alone: exp as a series of whole numbers with 60 decimals, weights added
// up until they vanish. Knows nothing of samplers or closed forms.
import type { Noise } from "@halfroom/release";

const ONE = 10n ** 60n;

/** exp(-numerator / denominator) x 10^60, rounded down in every step. */
function expNegative(numerator: bigint, denominator: bigint): bigint {
  // exp(-x) = 1 / exp(x): a series without cancellation.
  let term = ONE;
  let sum = 0n;
  for (let k = 1n; term > 0n; k++) {
    sum += term;
    term = (term * numerator) / (denominator * k);
  }
  return (ONE * ONE) / sum;
}

/** The weight of x, not yet normalised, x 10^60. */
function weight(noise: Noise, x: bigint): bigint {
  if (noise.mechanism === "laplace") {
    const { numerator, denominator } = noise.scale;
    return expNegative((x < 0n ? -x : x) * denominator, numerator);
  }
  const { numerator, denominator } = noise.sigma2;
  return expNegative(x * x * denominator, 2n * numerator);
}

/** P(x) for x = -reach .. reach, where the weights beyond are below 2^-60 of the largest. */
export function probabilities(noise: Noise): Map<bigint, number> {
  const half: bigint[] = [];
  for (let x = 0n; ; x++) {
    const w = weight(noise, x);
    if (w < ONE >> 60n) break;
    half.push(w);
  }
  const total = half.reduce((sum, w, x) => sum + (x === 0 ? w : 2n * w), 0n);
  const scaled = (w: bigint) => Number((w * 10n ** 20n) / total) / 1e20;
  return new Map(
    half.flatMap((w, x) => [
      [BigInt(x), scaled(w)],
      [-BigInt(x), scaled(w)],
    ]),
  );
}

/** exp(-numerator / denominator) as a double. */
export function expOf(numerator: bigint, denominator: bigint): number {
  return Number(expNegative(numerator, denominator) / 10n ** 40n) / 1e20;
}

/** P(x) of the sum of two independent draws. */
export function probabilitiesOfSum(noise: Noise): Map<bigint, number> {
  const one = [...probabilities(noise)];
  const sum = new Map<bigint, number>();
  for (const [x, p] of one) for (const [y, q] of one) sum.set(x + y, (sum.get(x + y) ?? 0) + p * q);
  return sum;
}
