// Logarithms to base 2 of factorials and binomial coefficients.

/** ln of Gamma(x + 1), by Stirling's series from 16 on and exactly below. */
function lnFactorial(x: number): number {
  if (x < 16) {
    let product = 1;
    for (let i = 2; i <= x; i++) product *= i;
    return Math.log(product);
  }
  const inverse = 1 / x;
  const series = inverse / 12 - inverse ** 3 / 360 + inverse ** 5 / 1260;
  return x * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI * x) + series;
}

/** log2 of n over k for integers; -Infinity where there is no choice. */
export function log2Binomial(n: number, k: number): number {
  if (k < 0 || k > n || n < 0) return -Infinity;
  return (lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k)) / Math.LN2;
}

/** log2(2^a + 2^b). */
export function log2Sum(a: number, b: number): number {
  const [high, low] = a > b ? [a, b] : [b, a];
  return low === -Infinity ? high : high + Math.log2(1 + 2 ** (low - high));
}
