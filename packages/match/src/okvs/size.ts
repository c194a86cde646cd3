// Size of the oblivious key-value store: three sparse columns a row and a binary dense part
// (Raghuraman and Rindal, eprint 2022/320, weight 3), as a function of the public number of entries.

/** Numbers of slots; `slots` is the sum of the other two. */
export interface StoreSize {
  readonly sparse: number;
  readonly dense: number;
  readonly slots: number;
}

/** Fewer entries are sized as this many, three for each of 1,024 people: the fit is for large sets. */
const ENTRIES_MIN = 3072;

/**
 * Entries up to which a row holds; bits of failure probability that one more sparse slot per entry buys; hundredths of
 * bits that each dense column of the gap buys: log2 of the sparse slots. Both are the paper's fit, rounded down, at the
 * smallest number of entries in the row, since the sizes that follow from them fall as entries grow.
 */
const SIZE_CLASSES: readonly (readonly [
  entriesMax: number,
  bitsPerExpansion: number,
  gapHundredths: number,
])[] = [
  [2 ** 12, 433, 1200],
  [2 ** 13, 508, 1240],
  [2 ** 14, 747, 1336],
  [2 ** 15, 1098, 1434],
  [2 ** 16, 1613, 1532],
  [2 ** 17, 2370, 1631],
  [2 ** 18, 3483, 1730],
  [2 ** 19, 5117, 1830],
  [2 ** 20, 7518, 1929],
  [2 ** 21, 11_045, 2029],
  [2 ** 22, 16_227, 2129],
  [2 ** 23, 23_840, 2229],
  [2 ** 24, 35_026, 2329],
  [2 ** 25, 51_459, 2429],
  [2 ** 26, 75_602, 2529],
];
/** Sparse slots per entry, in thousandths, at which peeling begins to succeed, and the bits that the fit starts from. */
const EXPANSION_THOUSANDTHS = 1223;
const FIT_MILLIBITS = 9200;

/**
 * Size of a store for a public number of entries that cannot be built with probability 2^-`lambda` at most (40 to 56). The
 * gap is followed by `lambda` dense columns more: the rows set aside are dependent with at most that probability.
 * @throws RangeError above 2^26 entries
 */
export function storeSize(entries: number, lambda = 40): StoreSize {
  const sized = Math.max(entries, ENTRIES_MIN);
  const sizeClass = SIZE_CLASSES.find(([entriesMax]) => sized <= entriesMax);
  if (sizeClass === undefined) throw new RangeError("a store holds at most 2^26 entries");
  const [, bitsPerExpansion, gapHundredths] = sizeClass;
  const thousandths = EXPANSION_THOUSANDTHS + Math.ceil((1000 * lambda + FIT_MILLIBITS) / bitsPerExpansion);
  const sparse = Math.ceil((sized * thousandths) / 1000);
  const dense = Math.ceil((100 * lambda) / gapHundredths) + lambda;
  return { sparse, dense, slots: sparse + dense };
}
