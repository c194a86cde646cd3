// What belongs to a side's items, in their order, side by side: a record of words for each item, so that all of it goes the same way.
import { wordsOfNumbers, type Column } from "@halfroom/crypto";

/** Numbers of items: of 64 bits, and of 32. */
export interface ItemColumns {
  readonly longs: readonly Column<BigInt64Array>[];
  readonly shorts: readonly Column<Uint32Array>[];
}

/** The same of a few items, in memory. */
export interface HeldColumns {
  readonly longs: BigInt64Array[];
  readonly shorts: Uint32Array[];
}

export class ItemNumbers {
  readonly count: number;
  /** Of a record; 0 if nothing belongs to an item. */
  readonly words: number;
  readonly #columns: ItemColumns;

  /** Of so many items. */
  constructor(count: number, columns: ItemColumns) {
    this.count = count;
    this.#columns = columns;
    this.words = 2 * columns.longs.length + columns.shorts.length;
  }

  /** Records of items `start` up to `end`, which is exclusive. */
  async records(start: number, end: number): Promise<Uint32Array> {
    const { longs, shorts } = this.#columns;
    const [ofLongs, ofShorts] = await Promise.all([
      Promise.all(longs.map((column) => column.read(start, end))),
      Promise.all(shorts.map((column) => column.read(start, end))),
    ]);
    const words = new Uint32Array((end - start) * this.words);
    for (const [l, values] of ofLongs.entries()) {
      const halves = wordsOfNumbers(values);
      for (let item = 0, at = 2 * l; at < words.length; item += 2, at += this.words) {
        words[at] = halves[item]!;
        words[at + 1] = halves[item + 1]!;
      }
    }
    for (const [s, numbers] of ofShorts.entries())
      for (let item = 0, at = 2 * longs.length + s; at < words.length; item++, at += this.words)
        words[at] = numbers[item]!;
    return words;
  }

  /** The columns of so many items again, from their records. */
  columnsOf(records: Uint32Array, items: number): HeldColumns {
    const { longs, shorts } = this.#columns;
    const ofLongs = longs.map((_, l) => {
      const halves = new Uint32Array(2 * items);
      for (let item = 0, at = 2 * l; item < halves.length; item += 2, at += this.words) {
        halves[item] = records[at]!;
        halves[item + 1] = records[at + 1]!;
      }
      return new BigInt64Array(halves.buffer);
    });
    const ofShorts = shorts.map((_, s) => {
      const numbers = new Uint32Array(items);
      for (let item = 0, at = 2 * longs.length + s; item < items; item++, at += this.words)
        numbers[item] = records[at]!;
      return numbers;
    });
    return { longs: ofLongs, shorts: ofShorts };
  }
}
