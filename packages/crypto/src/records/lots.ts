// Records that come in any order and are wanted in the order of the numbers that they begin with: laid down by lots of numbers that
// follow each other, and read a lot at a time, so that only the numbers of one lot are ever put in order.
import type { StoredRecords } from "./records.ts";
import type { RecordStore } from "./store.ts";

/** Numbers of a lot: what belongs to them is put in order in a few megabytes. */
const LOT = 2 ** 16;

/** The records of one lot, as they came. */
interface Lot {
  /** Its numbers: `first` up to `first + count`. */
  readonly first: number;
  readonly count: number;
  readonly records: Uint32Array;
}

export class Lots {
  readonly #records: StoredRecords;
  readonly #count: number;
  readonly #size: number;

  /** For records of so many words whose first one is below `count`. */
  constructor(store: RecordStore, words: number, count: number, size = LOT) {
    this.#records = store.records(words, Math.max(1, Math.ceil(count / size)));
    this.#count = count;
    this.#size = size;
  }

  /** Errors: ScratchError. Throws RangeError for a number that is none of them. */
  async add(records: Uint32Array): Promise<void> {
    const { words } = this.#records;
    const lots = new Uint32Array(records.length / words);
    for (let i = 0; i < lots.length; i++) {
      const number = records[i * words]!;
      if (number >= this.#count) throw new RangeError("a record of nobody");
      lots[i] = Math.floor(number / this.#size);
    }
    this.#records.scatter(records, lots);
    await this.#records.settled();
  }

  /** Lot after lot, empty ones too. Errors: ScratchError. */
  async *read(): AsyncGenerator<Lot> {
    for (let first = 0; first < this.#count; first += this.#size) {
      const records = await this.#records.slice(0, Infinity, first / this.#size);
      yield { first, count: Math.min(this.#size, this.#count - first), records };
    }
  }

  async close(): Promise<void> {
    await this.#records.close();
  }
}
