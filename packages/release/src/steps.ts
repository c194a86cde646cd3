// The local parts of the release: which shares leave this side, and how two of them become numbers.
import { atLeastTripleWords } from "@halfroom/mpc";
import { ProtocolError } from "@halfroom/wire";

/** Words of a number mod 2^64, low word first. */
const NUMBER_WORDS = 2;

/** Words of triples that `release` takes for `cells` cells. */
export function releaseTripleWords(cells: number): number {
  return atLeastTripleWords(cells);
}

/** Column 0 of a matrix of cells x columns numbers: cells x 2 words. */
export function peopleColumn(shares: Uint32Array, cells: number, columns: number): Uint32Array {
  const people = new Uint32Array(cells * NUMBER_WORDS);
  for (let cell = 0; cell < cells; cell++) {
    const from = cell * columns * NUMBER_WORDS;
    people[cell * NUMBER_WORDS] = shares[from]!;
    people[cell * NUMBER_WORDS + 1] = shares[from + 1]!;
  }
  return people;
}

/** The first `cells` bits of `bits` as ceil(cells / 8) bytes, lowest bit first, and zeros behind the last. */
export function packBits(bits: Uint32Array, cells: number): Uint8Array {
  const packed = new Uint8Array(bits.buffer, bits.byteOffset, (cells + 7) >>> 3).slice();
  packed[packed.length - 1]! &= lastByteMask(cells);
  return packed;
}

/**
 * The pass bits, a byte of 0 or 1 for each cell, from both packed shares.
 * Errors: `count` for another length, `malformed` for a bit beyond the last cell.
 */
export function openBits(ours: Uint8Array, theirs: Uint8Array, cells: number): Uint8Array {
  if (theirs.length !== ours.length) throw new ProtocolError("count");
  if ((theirs[theirs.length - 1]! & ~lastByteMask(cells)) !== 0) throw new ProtocolError("malformed");
  return Uint8Array.from({ length: cells }, (_, cell) => {
    const at = cell >>> 3;
    return ((ours[at]! ^ theirs[at]!) >>> (cell & 7)) & 1;
  });
}

/** The bits of the last byte that belong to cells. */
function lastByteMask(cells: number): number {
  return 0xff >>> (-cells & 7);
}

/** The rows of the cells that passed, in cell order: passing cells x columns x 2 words. */
export function passingRows(
  shares: Uint32Array,
  passed: Uint8Array,
  columns: number,
): Uint32Array<ArrayBuffer> {
  const rowWords = columns * NUMBER_WORDS;
  const passing = passed.reduce((count, pass) => count + pass, 0);
  const rows = new Uint32Array(passing * rowWords);
  let end = 0;
  passed.forEach((pass, cell) => {
    if (pass === 0) return;
    rows.set(shares.subarray(cell * rowWords, (cell + 1) * rowWords), end);
    end += rowWords;
  });
  return rows;
}

/** The numbers that two shares of equal length (count x 8 bytes, little-endian) stand for, signed. */
export function openNumbers(ours: ArrayBuffer, theirs: ArrayBuffer): BigInt64Array<ArrayBuffer> {
  const shares = new BigInt64Array(theirs);
  // Storing into a BigInt64Array reduces mod 2^64.
  return new BigInt64Array(ours).map((share, i) => share + shares[i]!);
}
