// Enrolment (design section 2.2): a dataset is enrolled whole, before any filter of a report; only people without a pseudonym
// go through the OPRF, in a batch that is padded to a public step.
//
//     const known = await cache.find(identifiers);
//     const rows = new MissingRows(known, identifiers, rng);   // the receiver; the sender's own are not padded
//     await oprfReceiver(ch, rows, pool, rng);                 // fills in known.pseudonyms
//     await cache.keep(known);
import { packRows, rowAt, rowCount, type ByteRows, type Rng } from "@halfroom/crypto";
import { OUTPUT_BYTES, type Batch, type BatchRows, type OprfRows } from "@halfroom/match";
import type { Known } from "./pseudonym-cache.ts";

/** Smallest step of a batch. */
const STEP_MIN = 1024;
/** A step is at least this part of the set. */
const STEPS_OF_SET = 100;
const PADDING_BYTES = 32;

/** Rows of the OPRF for `missing` people of a set of `people`: whole steps, one at least. */
export function enrolmentSize(missing: number, people: number): number {
  const step = Math.max(STEP_MIN, Math.ceil(people / STEPS_OF_SET));
  return step * Math.max(1, Math.ceil(missing / step));
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

  constructor(known: Known, identifiers: ByteRows, padding?: Rng) {
    const people = known.missing.length;
    this.count = padding === undefined ? people : enrolmentSize(people, rowCount(identifiers));
    this.#known = known;
    this.#identifiers = identifiers;
    this.#padding = padding?.bytes((this.count - people) * PADDING_BYTES) ?? new Uint8Array(0);
  }

  copy({ start, end }: Batch): BatchRows {
    const { missing } = this.#known;
    const rows = Array.from({ length: end - start }, (_, i) => {
      const row = start + i;
      if (row < missing.length) return rowAt(this.#identifiers, missing[row]!);
      const at = (row - missing.length) * PADDING_BYTES;
      return this.#padding.subarray(at, at + PADDING_BYTES);
    });
    return packRows(rows) as BatchRows;
  }

  keep({ start, end }: Batch, outputs: Uint8Array): void {
    const { missing, pseudonyms } = this.#known;
    for (let row = start; row < Math.min(end, missing.length); row++) {
      const from = (row - start) * OUTPUT_BYTES;
      pseudonyms.set(outputs.subarray(from, from + OUTPUT_BYTES), missing[row]! * OUTPUT_BYTES);
    }
  }
}
