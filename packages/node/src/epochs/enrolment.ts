// Enrolment (design section 2.2): a dataset is enrolled whole, before any filter of a report; only people without a pseudonym
// go through the OPRF, in a batch that is padded to a public step.
//
//     const enrolment = planEnrolment(cache.find(identifiers), identifiers, rng);   // the receiver
//     const outputs = await oprfReceiver(ch, enrolment.rows, pool, rng);
//     const pseudonyms = finishEnrolment(enrolment, identifiers, outputs, cache);
import { packRows, rowAt, rowCount, type ByteRows, type Rng } from "@halfroom/crypto";
import { OUTPUT_BYTES } from "@halfroom/match";
import type { Enrolment } from "./epochs.types.ts";
import type { Known, PseudonymCache } from "./pseudonym-cache.ts";

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

/** The receiver's batch: the missing people, then random rows up to the step. The blinds make all rows look alike. */
export function planEnrolment(known: Known, identifiers: ByteRows, rng: Rng): Enrolment {
  const { pseudonyms, missing } = known;
  const padding = enrolmentSize(missing.length, rowCount(identifiers)) - missing.length;
  const rows = [...missingRows(missing, identifiers), ...paddingRows(padding, rng)];
  return { pseudonyms, missing, rows: packRows(rows) };
}

/** The sender's own missing people: it evaluates them alone, so nothing is padded. */
export function planOwnEnrolment({ pseudonyms, missing }: Known, identifiers: ByteRows): Enrolment {
  return { pseudonyms, missing, rows: packRows(missingRows(missing, identifiers)) };
}

/**
 * The pseudonyms of all people, people x 64 bytes, from what was known and the OPRF's `outputs` for the batch; new ones are
 * kept in `cache`.
 */
export function finishEnrolment(
  { pseudonyms, missing, rows }: Enrolment,
  identifiers: ByteRows,
  outputs: Uint8Array,
  cache: PseudonymCache,
): Uint8Array {
  if (outputs.length !== rowCount(rows) * OUTPUT_BYTES) {
    throw new RangeError(`${outputs.length} bytes are not the outputs of ${rowCount(rows)} rows`);
  }
  const all = pseudonyms.slice();
  missing.forEach((person, row) => {
    all.set(outputs.subarray(row * OUTPUT_BYTES, (row + 1) * OUTPUT_BYTES), person * OUTPUT_BYTES);
  });
  if (missing.length > 0) {
    cache.add(
      packRows(missingRows(missing, identifiers)),
      outputs.subarray(0, missing.length * OUTPUT_BYTES),
    );
  }
  return all;
}

function missingRows(missing: Uint32Array, identifiers: ByteRows): Uint8Array[] {
  return Array.from(missing, (person) => rowAt(identifiers, person));
}

function paddingRows(count: number, rng: Rng): Uint8Array[] {
  const bytes = rng.bytes(count * PADDING_BYTES);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * PADDING_BYTES, (i + 1) * PADDING_BYTES));
}
