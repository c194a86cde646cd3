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
/** Dense columns beyond the gap: the rows set aside are dependent with probability at most 2^-40. */
const DENSE_SURPLUS = 40;

/**
 * Entries up to which a row holds, sparse slots per entry in thousandths, gap: the paper's fit for failure probability
 * 2^-40, rounded up. Both numbers fall as entries grow, so each row is computed at the smallest number of entries in it.
 */
const SIZE_CLASSES: readonly (readonly [entriesMax: number, sparseThousandths: number, gap: number])[] = [
  [2 ** 12, 1337, 4],
  [2 ** 13, 1320, 4],
  [2 ** 14, 1289, 3],
  [2 ** 15, 1268, 3],
  [2 ** 16, 1254, 3],
  [2 ** 17, 1244, 3],
  [2 ** 18, 1238, 3],
  [2 ** 19, 1233, 3],
  [2 ** 20, 1230, 3],
  [2 ** 21, 1228, 2],
  [2 ** 22, 1227, 2],
  [2 ** 23, 1226, 2],
  [2 ** 24, 1225, 2],
  [2 ** 25, 1224, 2],
  [2 ** 26, 1224, 2],
];

/**
 * Size of a store for a public number of entries.
 * @throws RangeError above 2^26 entries
 */
export function storeSize(entries: number): StoreSize {
  const sized = Math.max(entries, ENTRIES_MIN);
  const sizeClass = SIZE_CLASSES.find(([entriesMax]) => sized <= entriesMax);
  if (sizeClass === undefined) throw new RangeError("a store holds at most 2^26 entries");
  const [, sparseThousandths, gap] = sizeClass;
  const sparse = Math.ceil((sized * sparseThousandths) / 1000);
  const dense = gap + DENSE_SURPLUS;
  return { sparse, dense, slots: sparse + dense };
}
