// Enrolment (design section 2.2): a dataset is enrolled whole, before any filter of a report; only identifiers without a
// pseudonym go through the OPRF, padded to a public step and in a random order, so that no place in it stands for anybody.
//
//     const known = await cache.find(identifiers);
//     const rows = new MissingRows(known, identifiers, padding);   // the receiver; the sender's own are not padded
//     await oprfReceiver(ch, rows, publicKey, pool, rng);      // fills in known.pseudonyms
//     await cache.keep(known);
import type { ByteRows, Rng } from "@halfroom/crypto";
import { OUTPUT_BYTES, type Batch, type BatchRows, type OprfRows } from "@halfroom/match";
import { permutation } from "../permutation.ts";
import { enrolmentSize } from "./enrolment.ts";
import type { Known } from "./keys.ts";

const wordsOf = (bytes: Uint8Array) => new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);

const PADDING_BYTES = 32;
const OUTPUT_WORDS = OUTPUT_BYTES / 4;

/** What fills the rows up to whole steps: the generator of made-up rows and of the order of all. */
interface Padding {
  readonly step: number;
  readonly rng: Rng;
}

/**
 * The people without a pseudonym as the OPRF takes them; their pseudonyms go to where the others are. With `padding`, random rows
 * fill them up to whole steps, which the blinds make look like all others, and all stand in a random order.
 */
export class MissingRows implements OprfRows {
  readonly count: number;
  readonly #known: Known;
  readonly #identifiers: ByteRows;
  /** Rows that stand for nobody, in one piece. */
  readonly #padding: Uint8Array;
  /** For each place the number of its row: first come the missing people, then the padding. */
  readonly #order: Uint32Array | undefined;

  constructor(known: Known, identifiers: ByteRows, padding?: Padding) {
    const people = known.missing.length;
    this.count = padding === undefined ? people : enrolmentSize(people, padding.step);
    this.#known = known;
    this.#identifiers = identifiers;
    this.#padding =
      padding?.rng.fork("padding").bytes((this.count - people) * PADDING_BYTES) ?? new Uint8Array(0);
    this.#order = padding && permutation(this.count, padding.rng.fork("order"));
  }

  copy(batch: Batch): BatchRows {
    const rows = this.#rowsOf(batch);
    const ends = new Uint32Array(rows.length + 1);
    rows.forEach((row, i) => (ends[i + 1] = ends[i]! + this.#lengthOf(row)));
    const copied = new Uint8Array(ends[rows.length]!);
    rows.forEach((row, i) => this.#copyRow(row, copied, ends[i]!));
    return { bytes: copied, offsets: ends };
  }

  keep(batch: Batch, outputs: Uint8Array): void {
    const { missing, pseudonyms } = this.#known;
    const [from, to] = [wordsOf(outputs), wordsOf(pseudonyms)];
    this.#rowsOf(batch).forEach((row, i) => {
      if (row >= missing.length) return;
      const person = missing[row]!;
      for (let word = 0; word < OUTPUT_WORDS; word++)
        to[person * OUTPUT_WORDS + word] = from[i * OUTPUT_WORDS + word]!;
    });
  }

  /** The numbers of the rows at the places of a batch. */
  #rowsOf({ start, end }: Batch): Uint32Array {
    return (
      this.#order?.subarray(start, end) ?? Uint32Array.from({ length: end - start }, (_, i) => start + i)
    );
  }

  #lengthOf(row: number): number {
    const { missing } = this.#known;
    if (row >= missing.length) return PADDING_BYTES;
    const { offsets } = this.#identifiers;
    const person = missing[row]!;
    return offsets[person + 1]! - offsets[person]!;
  }

  #copyRow(row: number, to: Uint8Array, at: number): void {
    const { missing } = this.#known;
    const { bytes, offsets } = this.#identifiers;
    const [source, start] =
      row < missing.length
        ? [bytes, offsets[missing[row]!]!]
        : [this.#padding, (row - missing.length) * PADDING_BYTES];
    const length = this.#lengthOf(row);
    // For short rows a loop is faster than a view of each.
    for (let i = 0; i < length; i++) to[at + i] = source[start + i]!;
  }
}
