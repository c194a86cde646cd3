// Rows of the oblivious key-value store: which slots a key touches (eprint 2022/320, weight 3, binary dense part).
import { writeDistinct } from "../cuckoo/distinct.ts";
import type { StoreSize } from "./size.ts";

/** Words of pseudorandom input per row: two 128-bit blocks. */
const BLOCK_WORDS = 8;

/** The slots that each row adds up. */
export interface StoreRows {
  /** rows x 3, distinct within a row, in [0, sparse) */
  readonly columns: Uint32Array;
  /** rows x 2 words; bit d of the 64 (little-endian) selects dense slot d, bits from `dense` on are 0 */
  readonly dense: Uint32Array;
}

/**
 * Rows from pseudorandom blocks. With w_0 to w_7 the words of a row, its columns are w_i mod (sparse - i) for i = 0, 1,
 * 2, each moved past the earlier ones as `writeDistinct` says; its dense bits are those of w_4 and w_5 below `dense`.
 * The other words are not used. Columns need only be spread well, so the bias of the reduction (sparse / 2^32) is harmless.
 *
 * @param rowBlocks rows x 8 words
 */
export function deriveRows(rowBlocks: Uint32Array, size: StoreSize): StoreRows {
  const { sparse, dense } = size;
  const count = rowBlocks.length / BLOCK_WORDS;
  if (!Number.isInteger(count)) throw new RangeError("row blocks are eight words each");
  const lowMask = dense >= 32 ? 0xffffffff : 2 ** dense - 1;
  const highMask = dense >= 32 ? 2 ** (dense - 32) - 1 : 0;
  const rows = { columns: new Uint32Array(count * 3), dense: new Uint32Array(count * 2) };
  for (let row = 0, at = 0; row < count; row++, at += BLOCK_WORDS) {
    const second = rowBlocks[at + 1]! % (sparse - 1);
    const third = rowBlocks[at + 2]! % (sparse - 2);
    writeDistinct(rows.columns, row * 3, rowBlocks[at]! % sparse, second, third);
    rows.dense[row * 2] = rowBlocks[at + 4]! & lowMask;
    rows.dense[row * 2 + 1] = rowBlocks[at + 5]! & highMask;
  }
  return rows;
}
