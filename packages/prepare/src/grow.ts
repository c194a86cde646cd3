// Columns whose length is not known before the file ends.

type Column = Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** The same array if it has `length` entries, otherwise a copy at least twice as long, zeros behind. */
export function grown<T extends Column>(column: T, length: number): T {
  if (length <= column.length) return column;
  const longer = new (column.constructor as new (length: number) => T)(Math.max(length, 2 * column.length));
  longer.set(column);
  return longer;
}
