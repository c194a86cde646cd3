// Three distinct positions of a range, drawn without rejection: used for cuckoo bins and for store columns.

/**
 * Writes three distinct positions of [0, range) to `out[at .. at + 3)`.
 *
 * `first` lies in [0, range), `second` in [0, range - 1), `third` in [0, range - 2). The first position is `first`.
 * `second` and `third` count only the positions not yet taken: the value is compared with each earlier position in
 * ascending order, and goes up by one where it is equal or greater. Uniform input gives a uniform ordered triple.
 */
export function writeDistinct(
  out: Uint32Array,
  at: number,
  first: number,
  second: number,
  third: number,
): void {
  const next = second >= first ? second + 1 : second;
  const low = Math.min(first, next);
  const high = Math.max(first, next);
  const pastLow = third >= low ? third + 1 : third;
  out[at] = first;
  out[at + 1] = next;
  out[at + 2] = pastLow >= high ? pastLow + 1 : pastLow;
}
