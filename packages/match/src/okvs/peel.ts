// Triangulation of the sparse part by peeling (eprint 2022/320): a row is peeled with a column that no remaining row has.

export interface Peeling {
  /** Rows in the order of peeling. */
  readonly order: Uint32Array;
  /** The column with which each of `order` was peeled; no later row of `order` has it. */
  readonly pivots: Uint32Array;
  /** Rows set aside because every column of the remaining rows was in at least two of them. */
  readonly gapRows: readonly number[];
}

/** Peels rows until none is left, setting one aside whenever it is stuck. @param columns rows x 3, distinct within a row */
export function peel(columns: Uint32Array, sparse: number): Peeling {
  const count = columns.length / 3;
  const order = new Uint32Array(count);
  const pivots = new Uint32Array(count);
  const gapRows: number[] = [];
  // Per column two words side by side, for the cache's sake: how many remaining rows have it, and the xor of their numbers.
  const state = new Uint32Array(sparse * 2);
  for (let row = 0, at = 0; row < count; row++) {
    for (const end = at + 3; at < end; at++) {
      const column = columns[at]!;
      state[column * 2]!++;
      state[column * 2 + 1]! ^= row;
    }
  }
  // A count of one is reached once at most, so a column is queued once at most.
  const queue = new Uint32Array(sparse);
  let tail = 0;
  for (let column = 0; column < sparse; column++) if (state[column * 2] === 1) queue[tail++] = column;

  const removed = new Uint8Array(count);
  const remove = (row: number) => {
    removed[row] = 1;
    for (let at = row * 3; at < row * 3 + 3; at++) {
      const column = columns[at]!;
      state[column * 2 + 1]! ^= row;
      if (--state[column * 2]! === 1) queue[tail++] = column;
    }
  };

  let peeled = 0;
  for (let head = 0, left = 0; ;) {
    while (head < tail) {
      const column = queue[head++]!;
      if (state[column * 2] !== 1) continue;
      const row = state[column * 2 + 1]!;
      order[peeled] = row;
      pivots[peeled++] = column;
      remove(row);
    }
    while (left < count && removed[left] === 1) left++;
    if (left === count) break;
    gapRows.push(left);
    remove(left);
  }
  return { order: order.subarray(0, peeled), pivots: pivots.subarray(0, peeled), gapRows };
}
