// The local parts of attribution and lift. An event of time t is credited to entry i when lo_i <= t < hi_i, and both bounds
// are the receiver's own: its entry's time, and the next entry's or the end of the window, whichever is first. So one list
// of comparisons and their xor decide; no gate combines two of them.
//
// Planes of a piece of n bins are W = ceil(n / 32) words each.
import { addAt, bitWords, ringArray, subtractAt, xorInto, type RingArray } from "@halfroom/crypto";
import { invert, joinPlanes, transposeToPlanes, type Role } from "@halfroom/mpc";
import {
  boundsOf,
  inputColumns,
  NEVER,
  outputColumns,
  squarePairs,
  TIME_BITS,
  type CreditTerms,
} from "./terms.ts";

/** Rows of a matrix that belong to a piece of bins, and zeros up to a multiple of 32 rows. */
export function pieceOf(rows: RingArray, start: number, n: number, columns: number): RingArray {
  const piece = ringArray(bitWords(n) * 32 * columns);
  piece.set(rows.subarray(start * columns * 2, (start + n) * columns * 2));
  return piece;
}

/** One column of a matrix of numbers, rows x 2 words. */
export function columnOf(rows: RingArray, columns: number, column: number): RingArray {
  const out = ringArray(rows.length / (columns * 2));
  for (let from = column * 2, to = 0; to < out.length; from += columns * 2, to += 2) {
    out[to] = rows[from]!;
    out[to + 1] = rows[from + 1]!;
  }
  return out;
}

/**
 * The bounds of all entries: for each bound of `boundsOf` a number for each bin, rows x 2 words. `times`: rows x entries, in
 * ascending order, `NEVER` for an entry that is missing. Errors: RangeError for times that are out of order, or 0.
 */
export function entryBounds(times: Uint32Array, terms: CreditTerms): RingArray[] {
  const { entries, windowSeconds } = terms;
  const rows = times.length / entries;
  const bounds = Array.from({ length: boundsOf(terms) }, () => ringArray(bitWords(rows) * 32));
  for (let row = 0; row < rows; row++) {
    let next = 2 ** TIME_BITS;
    for (let entry = entries - 1; entry >= 0; entry--) {
      const time = times[row * entries + entry]!;
      if (time === 0 || time > next)
        throw new RangeError("the times of a person's entries ascend and are above 0");
      write(bounds[entry]!, row, time);
      if (windowSeconds > 0) write(bounds[entries + entry]!, row, Math.min(next, time + windowSeconds + 1));
      next = time;
    }
  }
  return bounds;
}

function write(numbers: RingArray, row: number, value: number): void {
  numbers[row * 2] = value;
  numbers[row * 2 + 1] = value > NEVER ? 1 : 0;
}

/**
 * [t >= bound] for shares A of the time t and B' of B - bound, mod 2^33: the inverted bit 32 of A + B', that is of both
 * addends and the carry, which is [A > not B'] in the lowest 32 bits. Returns the planes to compare and the plane of bit 32.
 */
export function addendPlanes(role: Role, times: RingArray, bound?: RingArray) {
  const rows = times.length / 2;
  const addends = times.slice();
  if (bound !== undefined) for (let at = 0; at < addends.length; at += 2) subtractAt(addends, at, bound, at);
  const planes = transposeToPlanes(addends, rows);
  const words = TIME_BITS * bitWords(rows);
  const compared = planes.slice(0, words);
  if (role === "receiver") invert(compared);
  return { compared, top: planes.slice(words, words + bitWords(rows)) };
}

/** Shares of bits that are shared as numbers 0 or 1: the lowest bit of the addends. */
export function bitPlane(numbers: RingArray): Uint32Array {
  const rows = numbers.length / 2;
  return transposeToPlanes(numbers, rows).slice(0, bitWords(rows));
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

/** Each plane of a list `times` times, one after the other. */
export function repeatEach(planes: readonly Uint32Array[], times: number): Uint32Array<ArrayBuffer> {
  return joinPlanes(...planes.flatMap((plane) => Array.from({ length: times }, () => plane)));
}

/**
 * What credited events add: for each event and entry, rows x `creditedColumns` numbers: the values of all measures, then its
 * part of each square.
 */
export function eventNumbers(piece: RingArray, terms: CreditTerms): RingArray {
  const { events, entries, measures, squares } = terms;
  const columns = inputColumns(terms);
  const ofEvent = Array.from({ length: events }, (_, event) => [
    ...Array.from({ length: measures }, (__, measure) => columns.value(measure, event)),
    ...squares.map((_measure, i) => columns.square(i, event)),
  ]);
  const lists = ofEvent.flatMap((list) => Array.from({ length: entries }, () => list));
  return gather(piece, columns.count, lists);
}

/** Columns of `eventNumbers`. */
export function creditedColumns({ measures, squares }: CreditTerms): number {
  return measures + squares.length;
}

/** What pairs of credited events add to the squares: for each of `squarePairs` rows x squares numbers. */
export function pairNumbers(piece: RingArray, terms: CreditTerms): RingArray {
  const columns = inputColumns(terms);
  const lists = squarePairs(terms).map((_, pair) =>
    terms.squares.map((_measure, i) => columns.square(i, terms.events + pair)),
  );
  return gather(piece, columns.count, lists);
}

/** Columns of a matrix of `count` columns, each list of them as a matrix of its own, one after the other. */
function gather(piece: RingArray, count: number, lists: readonly (readonly number[])[]): RingArray {
  const rows = piece.length / (count * 2);
  const numbers = ringArray(rows * lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    for (let row = 0; row < rows; row++) {
      for (const column of list) {
        const from = (row * count + column) * 2;
        numbers[at++] = piece[from]!;
        numbers[at++] = piece[from + 1]!;
      }
    }
  }
  return numbers;
}

/** What a piece gives: numbers as `eventNumbers` and `pairNumbers` have them, those that are credited; people and contributors, sets x entries x rows. */
interface Credits {
  readonly ofEvents: RingArray;
  readonly ofPairs: RingArray;
  readonly counted: RingArray;
}

/** Adds up one piece, `n` bins from `start`, in the outputs, for each entry bins x `outputColumns` numbers. */
export function addCredits(
  outputs: readonly RingArray[],
  { ofEvents, ofPairs, counted }: Credits,
  { start, n }: { readonly start: number; readonly n: number },
  terms: CreditTerms,
): void {
  const { events, entries, measures, contributors, squares } = terms;
  const width = outputColumns(terms);
  const each = creditedColumns(terms);
  const pairs = squarePairs(terms).length;
  const rows = bitWords(n) * 32;
  outputs.forEach((output, entry) => {
    for (let row = 0; row < n; row++) {
      let to = (start + row) * width * 2;
      const count = (set: number) => ((set * entries + entry) * rows + row) * 2;
      const addEvents = (column: number) => {
        for (let event = 0; event < events; event++)
          addAt(output, to, ofEvents, (((event * entries + entry) * rows + row) * each + column) * 2);
      };
      addAt(output, to, counted, count(0));
      for (let measure = 0, square = 0; measure < measures; measure++) {
        to += 2;
        addEvents(measure);
        if (squares[square] === measure) {
          to += 2;
          addEvents(measures + square);
          for (let pair = 0; pair < pairs; pair++)
            addAt(output, to, ofPairs, ((pair * rows + row) * squares.length + square) * 2);
          square++;
        }
        if (!contributors) continue;
        to += 2;
        addAt(output, to, counted, count(1 + measure));
      }
    }
  });
}
