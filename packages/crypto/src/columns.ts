// A number for each of many people or items, in order and read a piece at a time, wherever the numbers lie: so that nobody needs to hold
// those of everybody.
import type { StoredRecords } from "./records/records.ts";

export type NumberArray = Uint8Array | Uint32Array | BigInt64Array;

export interface Column<T extends NumberArray> {
  readonly length: number;
  /** Numbers `start` up to `end`, which is exclusive, as many as there are; nobody changes them. */
  read(start: number, end: number): Promise<T>;
}

/** Numbers that are in memory as a column; they stay there. */
export function heldColumn<T extends NumberArray>(numbers: T): Column<T> {
  return { length: numbers.length, read: async (start, end) => numbers.subarray(start, end) as T };
}

/** Numbers of 32 bits, a record each; all of them are there. */
export function columnOfWords(records: StoredRecords): Column<Uint32Array> {
  return { length: records.count(), read: (start, end) => records.slice(start, end) };
}

/** Numbers of 64 bits, a record of two words each, the low one first; all of them are there. */
export function columnOfLongs(records: StoredRecords): Column<BigInt64Array> {
  const read = async (start: number, end: number) =>
    new BigInt64Array((await records.slice(start, end)).buffer);
  return { length: records.count(), read };
}

/** So many numbers that follow from nothing else and are all alike; `make` gives some of them. */
export function constantColumn<T extends NumberArray>(length: number, make: (count: number) => T): Column<T> {
  return { length, read: async (start, end) => make(Math.max(0, Math.min(end, length) - start)) };
}

/** Numbers that are made of those of another column when they are read; `change` takes the numbers from place `start` on. */
export function changedColumn<S extends NumberArray, T extends NumberArray>(
  column: Column<S>,
  change: (numbers: S, start: number) => T,
): Column<T> {
  const { length } = column;
  return { length, read: async (start, end) => change(await column.read(start, end), start) };
}

/** Zeros of the same kind. */
export function zerosLike<T extends NumberArray>({ constructor }: T, length: number): T {
  return new (constructor as new (length: number) => T)(length);
}

/** All of them in memory. */
export async function allNumbers<T extends NumberArray>(column: Column<T>): Promise<T> {
  return await column.read(0, column.length);
}

/** Numbers read at a time. */
const PIECE = 8192;

/** Columns of one length side by side, piece after piece, each with the place of its first numbers. */
export async function* piecesOfColumns<T extends NumberArray>(
  columns: readonly Column<T>[],
): AsyncGenerator<{ readonly start: number; readonly pieces: readonly T[] }> {
  const length = columns[0]?.length ?? 0;
  for (let start = 0; start < length; start += PIECE) {
    const end = Math.min(length, start + PIECE);
    yield { start, pieces: await Promise.all(columns.map((column) => column.read(start, end))) };
  }
}

/** The same numbers as words of 32 bits, little-endian: a view. */
export function wordsOfNumbers({ buffer, byteOffset, byteLength }: Int32Array | BigInt64Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}
