// Linear algebra over bits: what can be computed from blocks by xor alone.

/** The rank over GF(2) of rows of 32-bit words, all equally long. */
export function rank(rows: readonly Uint32Array[]): number {
  const pivots: { at: number; row: bigint }[] = [];
  for (const words of rows) {
    let row = words.reduce((value, word) => (value << 32n) | BigInt(word), 0n);
    for (const pivot of pivots) if ((row >> BigInt(pivot.at)) & 1n) row ^= pivot.row;
    if (row !== 0n) pivots.push({ at: row.toString(2).length - 1, row });
  }
  return pivots.length;
}
