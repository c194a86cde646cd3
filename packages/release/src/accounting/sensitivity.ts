// Sensitivities (design section 2.5): by how much one person changes a column of a partition, all its cells and categories
// together, when they are replaced by someone who matches nobody.

export interface NoiseColumn {
  readonly sensitivity: bigint;
  /** Integer weight, at least 1. */
  readonly weight: number;
}

export interface SensitivityTerms {
  /** Match keys K: a person may be in K matched pairs. */
  readonly keys: number;
  /** Entries that one person of the receiver may have in a partition. */
  readonly entriesMax: number;
  /** Clip bounds of one person's value in one entry, scaled; `squares` adds the column of their squares. */
  readonly measures: readonly { readonly low: bigint; readonly high: bigint; readonly squares: boolean }[];
}

/** The sensitivity of each column in the order of the table's, at least 1. */
export function columnSensitivities({ keys, entriesMax, measures }: SensitivityTerms): bigint[] {
  const times = BigInt(keys * entriesMax);
  const columns = [times];
  for (const { low, high, squares } of measures) {
    const bound = largestMagnitude(low, high);
    columns.push(times * bound);
    if (squares) columns.push(times * bound * bound);
  }
  // A column that no person changes gets the least noise there is rather than none.
  return columns.map((sensitivity) => (sensitivity < 1n ? 1n : sensitivity));
}

/** Columns with their weights; without weights all are equal. Errors: RangeError for another number of weights. */
export function noiseColumns(sensitivities: readonly bigint[], weights?: readonly number[]): NoiseColumn[] {
  if (weights !== undefined && weights.length !== sensitivities.length)
    throw new RangeError(`${weights.length} weights are not one for each of ${sensitivities.length} columns`);
  return sensitivities.map((sensitivity, i) => ({ sensitivity, weight: weights?.[i] ?? 1 }));
}

function largestMagnitude(low: bigint, high: bigint): bigint {
  const magnitudes = [low < 0n ? -low : low, high < 0n ? -high : high] as const;
  return magnitudes[0] > magnitudes[1] ? magnitudes[0] : magnitudes[1];
}
