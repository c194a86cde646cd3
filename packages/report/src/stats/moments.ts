// Mean and variance of a measure over the matched people of a cell. They describe exactly these people, so that their
// standard errors cover the noise alone.
import type { Released, ReleasedNoise } from "../released.ts";
import { asNumber, estimate, type Estimate } from "./estimate.ts";

/**
 * S / n, in the measure's unit. By the delta method Var = (Var S + m^2 Var n) / n^2 with m = S / n: the noise of sum and
 * people is independent. Undefined without people.
 */
export function mean(
  people: Released,
  sum: Released,
  decimals: number,
  noise: ReleasedNoise | undefined,
): Estimate | undefined {
  const n = asNumber(people, 0);
  const s = asNumber(sum, decimals);
  if (n.value <= 0) return undefined;
  const value = s.value / n.value;
  return estimate(value, (s.variance + value ** 2 * n.variance) / n.value ** 2, 0, noise);
}

/**
 * The variance between people, Q / n - (S / n)^2, in the measure's squared unit (divisor n: these people are all there
 * are). By the delta method with m = S / n and q = Q / n: Var = (Var Q + 4 m^2 Var S + (2 m^2 - q)^2 Var n) / n^2. Noise
 * may take it below zero. Undefined without people.
 */
export function variance(
  people: Released,
  sum: Released,
  squares: Released,
  decimals: number,
  noise: ReleasedNoise | undefined,
): Estimate | undefined {
  const n = asNumber(people, 0);
  const s = asNumber(sum, decimals);
  const q = asNumber(squares, 2 * decimals);
  if (n.value <= 0) return undefined;
  const m = s.value / n.value;
  const meanSquare = q.value / n.value;
  const noiseVariance =
    (q.variance + 4 * m ** 2 * s.variance + (2 * m ** 2 - meanSquare) ** 2 * n.variance) / n.value ** 2;
  return estimate(meanSquare - m ** 2, noiseVariance, 0, noise);
}
