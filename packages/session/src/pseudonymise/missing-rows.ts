// Enrolment (design section 2.2): a dataset is enrolled whole, before any filter of a report; only identifiers without a
// pseudonym go through the OPRF, in a batch that is padded to a public step.
//
//     const known = await cache.find(identifiers);
//     const rows = new MissingRows(known, identifiers, padding);   // the receiver; the sender's own are not padded
//     await oprfReceiver(ch, rows, pool, rng);                 // fills in known.pseudonyms
//     await cache.keep(known);
import type { ByteRows, Rng } from "@halfroom/crypto";
import { OUTPUT_BYTES, type Batch, type BatchRows, type OprfRows } from "@halfroom/match";
import type { Known } from "./keys.ts";

const wordsOf = (bytes: Uint8Array) => new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);

/** Smallest step of a batch. */
const STEP_MIN = 1024;
/** A step is at least this part of the set. */
const STEPS_OF_SET = 100;
const PADDING_BYTES = 32;
const OUTPUT_WORDS = OUTPUT_BYTES / 4;

/**
 * Rows of the OPRF for `missing` identifiers of a dataset with so many items, which includes those that people lack: whole
 * steps, one at least.
 */
export function enrolmentSize(missing: number, items: number): number {
  const step = Math.max(STEP_MIN, Math.ceil(items / STEPS_OF_SET));
  return step * Math.max(1, Math.ceil(missing / step));
}

/** What fills a batch up: the items of the dataset, for the step, and the generator of made-up rows. */
interface Padding {
  readonly items: number;
  readonly rng: Rng;
}

/**
 * The people without a pseudonym, in their order, as the OPRF takes them; their pseudonyms go to where the others are. With
 * `padding`, random rows follow up to the public step, which the blinds make look like all others.
 */
export class MissingRows implements OprfRows {
  readonly count: number;
  readonly #known: Known;
  readonly #identifiers: ByteRows;
  /** Rows that stand for nobody, in one piece. */
  readonly #padding: Uint8Array;

  constructor(known: Known, identifiers: ByteRows, padding?: Padding) {
    const people = known.missing.length;
    this.count = padding === undefined ? people : enrolmentSize(people, padding.items);
    this.#known = known;
    this.#identifiers = identifiers;
    this.#padding = padding?.rng.bytes((this.count - people) * PADDING_BYTES) ?? new Uint8Array(0);
  }

  copy({ start, end }: Batch): BatchRows {
    const { bytes, offsets } = this.#identifiers;
    const people = this.#known.missing.subarray(start, end);
    const size = people.reduce((sum, person) => sum + offsets[person + 1]! - offsets[person]!, 0);
    const padded = end - start - people.length;
    const copied = new Uint8Array(size + padded * PADDING_BYTES);
    const ends = new Uint32Array(end - start + 1);
    let at = 0;
    people.forEach((person, i) => {
      // For short rows a loop is faster than a view of each.
      for (let from = offsets[person]!; from < offsets[person + 1]!; from++) copied[at++] = bytes[from]!;
      ends[i + 1] = at;
    });
    const firstPadding = (start + people.length - this.#known.missing.length) * PADDING_BYTES;
    copied.set(this.#padding.subarray(firstPadding, firstPadding + padded * PADDING_BYTES), at);
    for (let i = people.length; i < end - start; i++) ends[i + 1] = ends[i]! + PADDING_BYTES;
    return { bytes: copied, offsets: ends };
  }

  keep({ start, end }: Batch, outputs: Uint8Array): void {
    const { missing, pseudonyms } = this.#known;
    const [from, to] = [wordsOf(outputs), wordsOf(pseudonyms)];
    missing.subarray(start, end).forEach((person, row) => {
      for (let word = 0; word < OUTPUT_WORDS; word++)
        to[person * OUTPUT_WORDS + word] = from[row * OUTPUT_WORDS + word]!;
    });
  }
}
