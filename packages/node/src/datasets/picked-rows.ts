// Some of the rows of a dataset's identifiers.
import { packRows, piecesOf, rowAt, rowCount, type ByteRows, type RowSource } from "@halfroom/crypto";

/** Those with a flag, in memory: they are few. */
export async function pickedRows(source: RowSource, flags: Uint8Array): Promise<ByteRows> {
  const picked: Uint8Array[] = [];
  for await (const { start, rows } of piecesOf(source))
    for (let i = 0; i < rowCount(rows); i++) if (flags[start + i] === 1) picked.push(rowAt(rows, i));
  return packRows(picked);
}

/** Those without a flag, under new numbers, read where they lie. */
export function withoutRows(source: RowSource, flags: Uint8Array): RowSource {
  const kept = Uint32Array.from(flags.keys()).filter((row) => flags[row] === 0);
  return {
    count: kept.length,
    longest: source.longest,
    async read(start, end) {
      if (start === end) return packRows([]);
      const first = kept[start]!;
      const rows = await source.read(first, kept[end - 1]! + 1);
      return packRows(Array.from(kept.subarray(start, end), (row) => rowAt(rows, row - first)));
    },
    close: () => source.close(),
  };
}
