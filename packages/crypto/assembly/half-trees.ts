// A level of half-trees: see ../src/passes/engine.ts.

/** (a ^ b) || a of each block a || b. */
export function orthomorphism(blocks: usize, out: usize, count: usize): void {
  for (let at: usize = 0, end = count << 4; at < end; at += 16) {
    const x = v128.load(blocks + at);
    const swapped = v128.shuffle<u64>(x, x, 1, 0);
    const first = v128.shuffle<u64>(x, i64x2.splat(0), 0, 2);
    v128.store(out + at, v128.xor(swapped, first));
  }
}

/**
 * Of `rows` rows of `trees` nodes the children, twice as many rows: first those that are `made` ^ `turned`, then these ^ `nodes`. To the row
 * `sums` the former are added.
 */
export function halfChildren(
  made: usize,
  turned: usize,
  nodes: usize,
  rows: usize,
  trees: usize,
  children: usize,
  sums: usize,
): void {
  const row = trees << 4;
  for (const end = nodes + rows * row; nodes < end; nodes += row) {
    for (let at: usize = 0; at < row; at += 16) {
      const left = v128.xor(v128.load(made + at), v128.load(turned + at));
      v128.store(children + at, left);
      v128.store(children + row + at, v128.xor(left, v128.load(nodes + at)));
      v128.store(sums + at, v128.xor(v128.load(sums + at), left));
    }
    made += row;
    turned += row;
    children += 2 * row;
  }
}
