// Some of the rows of a dataset's identifiers, and of the numbers of its items.
import {
  packRows,
  piecesOf,
  rowAt,
  rowCount,
  zerosLike,
  type ByteRows,
  type Column,
  type NumberArray,
  type RowSource,
} from "@halfroom/crypto";

/** Places whose staying ones are counted together. */
const BLOCK = 64;

/** Which of many places stay, and the new numbers of those. */
export class Staying {
  readonly count: number;
  readonly #isGone: Uint8Array;
  /** Places that one flag stands for. */
  readonly #each: number;
  /** How many flags stay before each block of flags. */
  readonly #before: Uint32Array;

  /** `isGone`: a flag for so many places in a row. */
  constructor(isGone: Uint8Array, each = 1) {
    this.#isGone = isGone;
    this.#each = each;
    this.#before = new Uint32Array(Math.ceil(isGone.length / BLOCK));
    let staying = 0;
    for (let flag = 0; flag < isGone.length; flag++) {
      if (flag % BLOCK === 0) this.#before[flag / BLOCK] = staying;
      if (isGone[flag] === 0) staying++;
    }
    this.count = staying * each;
  }

  isStaying(place: number): boolean {
    return this.#isGone[Math.floor(place / this.#each)] === 0;
  }

  /** The new number of a place that stays. */
  numberOf(place: number): number {
    const flag = Math.floor(place / this.#each);
    const block = Math.floor(flag / BLOCK);
    let staying = this.#before[block]!;
    for (let earlier = block * BLOCK; earlier < flag; earlier++) if (this.#isGone[earlier] === 0) staying++;
    return staying * this.#each + (place % this.#each);
  }

  /** The place of the one with this new number. */
  placeOf(number: number): number {
    const wanted = Math.floor(number / this.#each);
    let [low, high] = [0, this.#before.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#before[middle]! <= wanted) low = middle;
      else high = middle - 1;
    }
    let flag = low * BLOCK;
    for (let left = wanted - this.#before[low]!; left > 0 || this.#isGone[flag] !== 0; flag++)
      if (this.#isGone[flag] === 0) left--;
    return flag * this.#each + (number % this.#each);
  }
}

/** Those with a flag, in memory: they are few. */
export async function pickedRows(source: RowSource, flags: Uint8Array): Promise<ByteRows> {
  const picked: Uint8Array[] = [];
  for await (const { start, rows } of piecesOf(source))
    for (let i = 0; i < rowCount(rows); i++) if (flags[start + i] === 1) picked.push(rowAt(rows, i));
  return packRows(picked);
}

/** Those that stay, under new numbers, read where they lie. */
export function stayingRows(source: RowSource, staying: Staying): RowSource {
  return {
    count: staying.count,
    longest: source.longest,
    async read(start, end) {
      if (start >= end) return packRows([]);
      const first = staying.placeOf(start);
      const rows = await source.read(first, staying.placeOf(end - 1) + 1);
      const kept: Uint8Array[] = [];
      for (let i = 0; i < rowCount(rows); i++) if (staying.isStaying(first + i)) kept.push(rowAt(rows, i));
      return packRows(kept);
    },
    close: () => source.close(),
  };
}

/** The numbers of those that stay, read where they lie. */
export function stayingNumbers<T extends NumberArray>(column: Column<T>, staying: Staying): Column<T> {
  return {
    length: staying.count,
    async read(start, end) {
      const stop = Math.min(end, staying.count);
      if (start >= stop) return await column.read(0, 0);
      const first = staying.placeOf(start);
      const numbers = await column.read(first, staying.placeOf(stop - 1) + 1);
      const kept = zerosLike(numbers, stop - start);
      let next = 0;
      for (let i = 0; i < numbers.length; i++) if (staying.isStaying(first + i)) kept[next++] = numbers[i]!;
      return kept;
    },
  };
}
