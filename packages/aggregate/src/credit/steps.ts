// The local parts of attribution and lift. An event of code e is credited to entry i when lo_i <= e < hi_i, and both bounds
// are the receiver's own: its entry's code, and the next entry's or the end of the window, whichever is first. So one list
// of comparisons and their xor decide; no gate combines two of them.
//
// Planes of a piece of n bins are W = ceil(n / 32) words each.
import { addAt, bitWords, subtractAt, xorInto } from "@halfroom/crypto";
import { invert, joinPlanes, transposeToPlanes, type Role } from "@halfroom/mpc";
import { boundsOf, CODE_BITS, eventColumns, TIME_LIMIT, type CreditTerms } from "./terms.ts";

/** A bound that no event reaches. */
const NEVER = 2 ** CODE_BITS;

/**
 * The numbers that the sender matches with: of each event 2 time + 1 if its value is not 0, else 2 time; 0 for no event.
 * Errors: RangeError for a time that is out of bounds.
 */
export function eventCodes(times: BigInt64Array, values?: BigInt64Array): BigInt64Array {
  const limit = BigInt(TIME_LIMIT);
  return times.map((time, i) => {
    if (time < 0n || time >= limit) throw new RangeError(`event ${i} has a time that is out of bounds`);
    return time * 2n + (time > 0n && (values?.[i] ?? 0n) !== 0n ? 1n : 0n);
  });
}

/** Rows of a matrix that belong to a piece of bins, and zeros up to a multiple of 32 rows. */
export function pieceOf(rows: Uint32Array, start: number, n: number, columns: number): Uint32Array {
  const piece = new Uint32Array(bitWords(n) * 32 * columns * 2);
  piece.set(rows.subarray(start * columns * 2, (start + n) * columns * 2));
  return piece;
}

/** One column of a matrix of numbers, rows x 2 words. */
export function columnOf(rows: Uint32Array, columns: number, column: number): Uint32Array {
  const out = new Uint32Array(rows.length / columns);
  for (let from = column * 2, to = 0; to < out.length; from += columns * 2, to += 2) {
    out[to] = rows[from]!;
    out[to + 1] = rows[from + 1]!;
  }
  return out;
}

/**
 * The bounds of all entries: for each bound of `boundsOf` a number for each bin, rows x 2 words. `times`: rows x entries, in
 * ascending order, missing ones (0) last. Errors: RangeError for times that are out of order or of bounds.
 */
export function entryBounds(times: Float64Array, rows: number, terms: CreditTerms): Uint32Array[] {
  const { entries, windowSeconds } = terms;
  const bounds = Array.from({ length: boundsOf(terms) }, () => new Uint32Array(rows * 2));
  for (let row = 0; row < rows; row++) {
    let next = NEVER;
    for (let entry = entries - 1; entry >= 0; entry--) {
      const time = times[row * entries + entry] ?? 0;
      const start = startOf(time, next);
      write(bounds[entry]!, row, start);
      if (windowSeconds > 0) {
        const end = time === 0 ? NEVER : Math.min(next, (time + windowSeconds + 1) * 2);
        write(bounds[entries + entry]!, row, end);
      }
      next = start;
    }
  }
  return bounds;
}

function startOf(time: number, next: number): number {
  if (time === 0 && next === NEVER) return NEVER;
  const start = time * 2;
  if (!Number.isSafeInteger(time) || time < 1 || time >= TIME_LIMIT || start > next)
    throw new RangeError("entries are whole seconds within bounds, in ascending order, missing ones last");
  return start;
}

function write(numbers: Uint32Array, row: number, value: number): void {
  numbers[row * 2] = value;
  numbers[row * 2 + 1] = Math.floor(value / 2 ** 32);
}

/**
 * [e >= bound] for shares A of the code e and B' of B - bound, mod 2^41: the inverted bit 40 of A + B', that is of both
 * addends and the carry, which is [A > not B'] in the lowest 40 bits. Returns the planes to compare and the plane of bit 40.
 */
export function addendPlanes(role: Role, codes: Uint32Array, bound?: Uint32Array) {
  const rows = codes.length / 2;
  const addends = codes.slice();
  if (bound !== undefined) for (let at = 0; at < addends.length; at += 2) subtractAt(addends, at, bound, at);
  const planes = transposeToPlanes(addends, rows);
  const words = CODE_BITS * bitWords(rows);
  const compared = planes.slice(0, words);
  if (role === "receiver") invert(compared);
  return { compared, top: planes.slice(words, words + bitWords(rows)) };
}

/** Shares of [the event's value is not 0], the lowest bit of its code: the lowest bit of the addends. */
export function valuePlane(codes: Uint32Array): Uint32Array {
  const rows = codes.length / 2;
  return transposeToPlanes(codes, rows).slice(0, bitWords(rows));
}

/**
 * Shares of [event v is credited to entry i], events x entries planes, from shares of the carries and each side's own top
 * bits, both events x bounds planes.
 */
export function creditedPlanes(
  role: Role,
  carries: Uint32Array,
  tops: Uint32Array,
  terms: CreditTerms,
): Uint32Array {
  const { events, entries, windowSeconds } = terms;
  const reached = carries.slice();
  xorInto(reached, tops);
  if (role === "sender") invert(reached);
  const bounds = boundsOf(terms);
  const words = reached.length / (events * bounds);
  const plane = (event: number, bound: number) => {
    const at = (event * bounds + bound) * words;
    return reached.subarray(at, at + words);
  };
  const credited = new Uint32Array(events * entries * words);
  for (let event = 0; event < events; event++) {
    for (let entry = 0; entry < entries; entry++) {
      const at = (event * entries + entry) * words;
      const own = credited.subarray(at, at + words);
      own.set(plane(event, entry));
      if (windowSeconds > 0) xorInto(own, plane(event, entries + entry));
      else if (entry + 1 < entries) xorInto(own, plane(event, entry + 1));
    }
  }
  return credited;
}

/** Each plane of a list `times` times, one behind the other. */
export function repeatEach(planes: readonly Uint32Array[], times: number): Uint32Array<ArrayBuffer> {
  return joinPlanes(...planes.flatMap((plane) => Array.from({ length: times }, () => plane)));
}

/** The numbers that a credited event adds, [people, its value]: events x entries x rows x `eventColumns`. */
export function eventNumbers(piece: Uint32Array, columns: number, terms: CreditTerms): Uint32Array {
  const { events, entries, values } = terms;
  const rows = piece.length / (columns * 2);
  const width = eventColumns(terms) * 2;
  const numbers = new Uint32Array(events * entries * rows * width);
  for (let event = 0, at = 0; event < events; event++) {
    for (let entry = 0; entry < entries; entry++) {
      for (let row = 0; row < rows; row++, at += width) {
        const from = row * columns * 2;
        numbers.set(piece.subarray(from, from + 2), at);
        if (!values) continue;
        const value = from + (1 + events + event) * 2;
        numbers.set(piece.subarray(value, value + 2), at + 2);
      }
    }
  }
  return numbers;
}

/**
 * Adds up one piece in the outputs, for each entry bins x columns numbers. `credits`: products of `eventNumbers`;
 * `flags`: for people and perhaps contributors, entries x rows numbers.
 */
export function addCredits(
  outputs: readonly Uint32Array[],
  credits: Uint32Array,
  flags: Uint32Array,
  place: { readonly start: number; readonly n: number; readonly columns: number },
  terms: CreditTerms,
): void {
  const { events, entries } = terms;
  const { start, n, columns } = place;
  const rows = bitWords(n) * 32;
  const width = eventColumns(terms);
  outputs.forEach((output, entry) => {
    for (let row = 0; row < n; row++) {
      const to = (start + row) * columns * 2;
      addAt(output, to, flags, (entry * rows + row) * 2);
      for (let event = 0; event < events; event++) {
        const from = ((event * entries + entry) * rows + row) * width * 2;
        for (let column = 0; column < width; column++)
          addAt(output, to + (1 + column) * 2, credits, from + column * 2);
      }
      if (columns > 1 + width)
        addAt(output, to + (1 + width) * 2, flags, ((entries + entry) * rows + row) * 2);
    }
  });
}
