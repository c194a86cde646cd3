// Whole-number arithmetic on bigints.

/** A positive rational number. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** floor(sqrt(value)) for value >= 0, by Newton's method from above. */
export function integerRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >>> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** The same number in lowest terms. Errors: RangeError unless it is positive. */
export function reduced({ numerator, denominator }: Rational): Rational {
  if (numerator < 1n || denominator < 1n) throw new RangeError("a scale of noise is positive");
  let [a, b] = [numerator, denominator];
  while (b > 0n) [a, b] = [b, a % b];
  return { numerator: numerator / a, denominator: denominator / a };
}
