// Zero-concentrated differential privacy (Bun, Steinke 2016, arXiv 1605.02065) and what it says at a given delta.

/** What a report costs, for the ledger; valid for the people of either side. */
export interface PrivacyCost {
  /** Pure differential privacy in millionths; undefined if the noise is Gaussian. */
  readonly microEpsilon: number | undefined;
  /** Zero-concentrated differential privacy: rho in units of 10^-12, rounded up. */
  readonly picoRho: bigint;
}

export const MICRO = 1_000_000n;
/** rho is counted in units of 10^-12, so that half the square of a whole number of millionths is nearly whole. */
export const PICO = 10n ** 12n;
const DELTA_MIN = -30;
const DELTA_MAX = -3;

/** rho of pure differential privacy: epsilon^2 / 2, rounded up. */
export function picoRhoOfPure(microEpsilon: bigint): bigint {
  return (microEpsilon * microEpsilon + 1n) / 2n;
}

/**
 * Epsilon in millionths, rounded up, of all these releases together at 10^delta. The smaller of two valid answers: all of
 * them as concentrated, or the pure ones by addition and only the others as concentrated.
 */
export function epsilonAtDelta(costs: readonly PrivacyCost[], delta: number): number {
  let [rho, rhoOfOthers, pure] = [0n, 0n, 0];
  for (const { microEpsilon, picoRho } of costs) {
    rho += picoRho;
    if (microEpsilon === undefined) rhoOfOthers += picoRho;
    else pure += microEpsilon;
  }
  return Math.min(microEpsilonOfRho(rho, delta), pure + microEpsilonOfRho(rhoOfOthers, delta));
}

/** Largest rho, in units of 10^-12, that is within epsilon at 10^delta. */
export function largestPicoRho(microEpsilon: number, delta: number): bigint {
  let low = 0n;
  // Rho never exceeds epsilon where delta is small, and one more is surely too much.
  let high = (BigInt(microEpsilon) + MICRO) * MICRO;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (microEpsilonOfRho(middle, delta) <= microEpsilon) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Canonne, Kamath, Steinke 2020 (arXiv 2004.00010), proposition 12: for every alpha > 1 the epsilon below is valid. An
 * alpha that is not quite the best makes the answer a little larger, never wrong.
 */
function microEpsilonOfRho(picoRho: bigint, delta: number): number {
  if (!(Number.isInteger(delta) && delta >= DELTA_MIN && delta <= DELTA_MAX))
    throw new RangeError(`delta is 10 to a whole power from ${DELTA_MIN} to ${DELTA_MAX}`);
  if (picoRho === 0n) return 0;
  const rho = Number(picoRho) / Number(PICO);
  const logInverseDelta = -delta * Math.LN10;
  const epsilonAt = (above: number): number => {
    const alpha = 1 + above;
    const logs = logInverseDelta + alpha * -Math.log1p(1 / above) - Math.log(above);
    return alpha * rho + logs / above;
  };
  const best = smallestOnLogScale(epsilonAt, 1e-3, 1e9);
  // Doubles are off by 10^-14 or so.
  return Math.max(0, Math.ceil(best * Number(MICRO) * (1 + 1e-9)));
}

/** The smallest value that a search by thirds of the logarithm finds. */
function smallestOnLogScale(f: (x: number) => number, from: number, to: number): number {
  let [low, high] = [Math.log(from), Math.log(to)];
  for (let step = 0; step < 100; step++) {
    const third = (high - low) / 3;
    if (f(Math.exp(low + third)) < f(Math.exp(high - third))) high -= third;
    else low += third;
  }
  return f(Math.exp((low + high) / 2));
}
