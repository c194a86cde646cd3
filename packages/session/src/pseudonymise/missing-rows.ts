// Enrolment (design section 2.2): a dataset is enrolled whole, before any filter of a report; only identifiers without a
// pseudonym go through the OPRF, padded to a public step and in a random order, so that no place in it stands for anybody.
//
//     const missing = await cache.find(identifiers, scratch, found);
//     const rows = await MissingRows.of({ identifiers, missing, pseudonyms, fresh }, scratch, padding);   // the sender's own are not padded
//     await oprfReceiver(ch, rows, publicKey, pool, rng);      // fills in pseudonyms
//     await fresh.keep();
//
// Identifiers are taken from their source in its own order and laid down by the place that they go to, so that a batch reads what
// lies together.
import type { ByteRows, RecordStore, Rng, RowSource, StoredRecords } from "@halfroom/crypto";
import { OPRF_BATCH, OUTPUT_BYTES, type Batch, type BatchRows, type OprfRows } from "@halfroom/match";
import { inverted, permutation } from "../permutation.ts";
import { enrolmentSize } from "./enrolment.ts";
import { PSEUDONYM_WORDS, type NewPseudonyms } from "./keys.ts";

const PADDING_BYTES = 32;
const OUTPUT_WORDS = OUTPUT_BYTES / 4;
/** Places that lie together: whole batches. */
const PLACES = 8 * OPRF_BATCH;
/** Lots of places that are at hand: a batch is taken twice, and the second time others have been taken since. */
const LOTS_HELD = 3;
/** Before the bytes of a row: its place, its number, its length. */
const HEAD_WORDS = 3;
/** The number of a row that stands for nobody. */
const NOBODY = 0xffff_ffff;

/** What fills the rows up to whole steps: the generator of made-up rows and of the order of all. */
interface Padding {
  readonly step: number;
  readonly rng: Rng;
}

/** Who has no pseudonym yet, and where theirs go. */
interface Missing {
  readonly identifiers: RowSource;
  /** Numbers of rows, ascending. */
  readonly missing: Uint32Array;
  /** Takes records of row and pseudonym. */
  readonly pseudonyms: StoredRecords;
  readonly fresh: NewPseudonyms;
}

/** Rows of places that lie together. */
interface Lot {
  readonly words: Uint32Array;
  readonly bytes: Uint8Array;
  /** Where the record of each place begins, in words. */
  readonly starts: Uint32Array;
}

/**
 * The people without a pseudonym as the OPRF takes them; their pseudonyms go to where the others are. With `padding`, random rows
 * fill them up to whole steps, which the blinds make look like all others, and all stand in a random order.
 */
export class MissingRows implements OprfRows {
  readonly count: number;
  readonly #missing: Missing;
  /** By lots of places. */
  readonly #rows: StoredRecords;
  readonly #lots = new Map<number, Promise<Lot>>();

  private constructor(count: number, missing: Missing, rows: StoredRecords) {
    this.count = count;
    this.#missing = missing;
    this.#rows = rows;
  }

  static async of(missing: Missing, scratch: RecordStore, padding?: Padding): Promise<MissingRows> {
    const people = missing.missing.length;
    const count = padding === undefined ? people : enrolmentSize(people, padding.step);
    const longest = Math.max(missing.identifiers.longest, PADDING_BYTES);
    const lots = Math.max(1, Math.ceil(count / PLACES));
    const rows = scratch.records(HEAD_WORDS + Math.ceil(longest / 4), lots);
    const made = padding?.rng.fork("padding").bytes((count - people) * PADDING_BYTES) ?? new Uint8Array(0);
    const placeOf = padding && inverted(permutation(count, padding.rng.fork("order")));
    let next = 0;
    const lay = (of: ByteRows, first: number, numbers: Uint32Array) => {
      const places = numbers.map((_, i) => placeOf?.[next + i] ?? next + i);
      next += numbers.length;
      rows.scatter(
        recordsOf(of, first, numbers, places, rows.words),
        places.map((place) => Math.floor(place / PLACES)),
      );
      return rows.settled();
    };
    await eachMissing(missing, lay);
    // The made-up ones come behind everybody.
    for (let at = 0; at < made.length; at += OPRF_BATCH * PADDING_BYTES) {
      const bytes = made.subarray(at, at + OPRF_BATCH * PADDING_BYTES);
      const offsets = Uint32Array.from(
        { length: bytes.length / PADDING_BYTES + 1 },
        (_, i) => i * PADDING_BYTES,
      );
      await lay({ bytes, offsets }, 0, new Uint32Array(offsets.length - 1).fill(NOBODY));
    }
    return new MissingRows(count, missing, rows);
  }

  async copy(batch: Batch): Promise<BatchRows> {
    return copyOf(await this.#lotOf(batch), batch, () => true);
  }

  async keep(batch: Batch, outputs: Uint8Array): Promise<void> {
    const lot = await this.#lotOf(batch);
    const { pseudonyms, fresh } = this.#missing;
    const from = new Uint32Array(outputs.buffer, outputs.byteOffset, outputs.length / 4);
    const records = new Uint32Array((batch.end - batch.start) * PSEUDONYM_WORDS);
    const kept = new Uint32Array((batch.end - batch.start) * OUTPUT_WORDS);
    let people = 0;
    for (let i = 0; i < batch.end - batch.start; i++) {
      const row = rowOf(lot, batch.start + i);
      if (row === NOBODY) continue;
      const output = from.subarray(i * OUTPUT_WORDS, (i + 1) * OUTPUT_WORDS);
      records[people * PSEUDONYM_WORDS] = row;
      records.set(output, people * PSEUDONYM_WORDS + 1);
      kept.set(output, people++ * OUTPUT_WORDS);
    }
    pseudonyms.append(records.subarray(0, people * PSEUDONYM_WORDS));
    const identifiers = copyOf(lot, batch, (row) => row !== NOBODY);
    await fresh.add(identifiers, new Uint8Array(kept.buffer, 0, people * OUTPUT_BYTES));
    await pseudonyms.settled();
  }

  /** Once all batches are kept. */
  async close(): Promise<void> {
    this.#lots.clear();
    await this.#rows.close();
  }

  #lotOf({ start }: Batch): Promise<Lot> {
    const number = Math.floor(start / PLACES);
    const held = this.#lots.get(number);
    if (held !== undefined) return held;
    const lot = this.#load(number);
    this.#lots.set(number, lot);
    for (const oldest of this.#lots.keys()) if (this.#lots.size > LOTS_HELD) this.#lots.delete(oldest);
    return lot;
  }

  async #load(number: number): Promise<Lot> {
    const words = await this.#rows.slice(0, Infinity, number);
    const starts = new Uint32Array(words.length / this.#rows.words);
    for (let at = 0; at < words.length; at += this.#rows.words) starts[words[at]! % PLACES] = at;
    return { words, bytes: new Uint8Array(words.buffer), starts };
  }
}

const rowOf = ({ words, starts }: Lot, place: number): number => words[starts[place % PLACES]! + 1]!;

/** The rows at the places of a batch that are wanted, in order. */
function copyOf(lot: Lot, { start, end }: Batch, isWanted: (row: number) => boolean): BatchRows {
  const { words, bytes, starts } = lot;
  const wanted = Array.from({ length: end - start }, (_, i) => start + i).filter((place) =>
    isWanted(rowOf(lot, place)),
  );
  const offsets = new Uint32Array(wanted.length + 1);
  wanted.forEach((place, i) => (offsets[i + 1] = offsets[i]! + words[starts[place % PLACES]! + 2]!));
  const copied = new Uint8Array(offsets[wanted.length]!);
  wanted.forEach((place, i) => {
    // For short rows a loop is faster than a view of each.
    const from = (starts[place % PLACES]! + HEAD_WORDS) * 4;
    const to = offsets[i]!;
    const length = offsets[i + 1]! - to;
    for (let at = 0; at < length; at++) copied[to + at] = bytes[from + at]!;
  });
  return { bytes: copied, offsets };
}

/** The missing ones in order, with their numbers: pieces of the source, in which they stand from `first` on. */
async function eachMissing(
  { identifiers, missing }: Missing,
  take: (of: ByteRows, first: number, numbers: Uint32Array) => Promise<void>,
): Promise<void> {
  for (let next = 0; next < missing.length;) {
    const start = missing[next]!;
    const stop = Math.min(identifiers.count, start + OPRF_BATCH);
    let end = next;
    while (end < missing.length && missing[end]! < stop) end++;
    await take(await identifiers.read(start, stop), start, missing.subarray(next, end));
    next = end;
  }
}

/** `first`: the number of the first of these rows; those with a number stand by it, made-up ones in their order. */
function recordsOf(
  { bytes, offsets }: ByteRows,
  first: number,
  numbers: Uint32Array,
  places: Uint32Array,
  width: number,
): Uint32Array {
  const words = new Uint32Array(numbers.length * width);
  const to = new Uint8Array(words.buffer);
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!;
    const row = number === NOBODY ? i : number - first;
    const [from, end] = [offsets[row]!, offsets[row + 1]!];
    words[i * width] = places[i]!;
    words[i * width + 1] = number;
    words[i * width + 2] = end - from;
    const begin = (i * width + HEAD_WORDS) * 4;
    for (let at = from; at < end; at++) to[begin + at - from] = bytes[at]!;
  }
  return words;
}
