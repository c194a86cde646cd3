// Pearson's test of draws against stated probabilities.

export interface Fit {
  readonly statistic: number;
  /** What the statistic exceeds by chance in one of a thousand runs (Wilson and Hilferty). */
  readonly critical: number;
}

/** Values with fewer than ten expected draws are counted together, as are those of which no probability is stated. */
export function chiSquare(draws: readonly bigint[], probability: ReadonlyMap<bigint, number>): Fit {
  const seen = new Map<bigint, number>();
  for (const draw of draws) seen.set(draw, (seen.get(draw) ?? 0) + 1);
  let statistic = 0;
  let classes = 0;
  const rest = { seen: draws.length, expected: draws.length };
  for (const [value, p] of probability) {
    const expected = p * draws.length;
    if (expected < 10) continue;
    const count = seen.get(value) ?? 0;
    statistic += (count - expected) ** 2 / expected;
    rest.seen -= count;
    rest.expected -= expected;
    classes++;
  }
  if (rest.expected >= 5) {
    statistic += (rest.seen - rest.expected) ** 2 / rest.expected;
    classes++;
  }
  const freedom = classes - 1;
  const spread = 2 / (9 * freedom);
  return { statistic, critical: freedom * (1 - spread + 3.09 * Math.sqrt(spread)) ** 3 };
}
