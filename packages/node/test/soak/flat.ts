// Whether a series of samples is flat: the line through its later half (least squares) rises, over that half, by little of the half's median.

export interface Flatness {
  /** Of the later half. */
  readonly level: number;
  /** By how much the line through the later half rises over it, as a part of `level`. */
  readonly rise: number;
}

/** Samples in the order in which they were taken, at equal distances; at least four. */
export function flatness(samples: readonly number[]): Flatness {
  const later = samples.slice(samples.length >> 1);
  const level = later.toSorted((a, b) => a - b)[later.length >> 1]!;
  const middle = (later.length - 1) / 2;
  const mean = later.reduce((sum, value) => sum + value, 0) / later.length;
  const [over, under] = later.reduce(
    ([xy, xx], value, i) => [xy + (i - middle) * (value - mean), xx + (i - middle) ** 2],
    [0, 0],
  );
  return { level, rise: ((over / under) * (later.length - 1)) / level };
}
