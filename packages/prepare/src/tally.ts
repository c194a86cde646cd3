// What became of the rows: counts by reason and a few row numbers, never a value.

/** For the owner of the data alone: rows = people + merged + filtered + all dropped. */
export interface RowCounts {
  /** Rows of the source, without blank lines. */
  readonly rows: number;
  readonly people: number;
  /** Rows that the filters leave out. */
  readonly filtered: number;
  /** Rows left out because something is wrong with them, by reason. */
  readonly dropped: Record<string, number>;
  /** Rows of people who already had one. */
  readonly merged: number;
  /** The first few row numbers for each reason; in a CSV file the header is row 1. */
  readonly examples: Record<string, number[]>;
}

/** Where the owner finds a row. */
export interface RowPlace {
  readonly file: string;
  readonly row: number;
}

export interface DroppedRows {
  readonly reason: string;
  readonly rows: number;
  /** The first few. */
  readonly examples: readonly RowPlace[];
  /** What the owner can do, for forms that real data often has. */
  readonly remedy?: string;
}

export const EXAMPLES_MAX = 5;

export function rowCounts(
  rows: number,
  people: number,
  filtered: number,
  dropped: readonly DroppedRows[],
): RowCounts {
  const droppedRows = dropped.reduce((total, each) => total + each.rows, 0);
  return {
    rows,
    people,
    filtered,
    dropped: Object.fromEntries(dropped.map(({ reason, rows: count }) => [reason, count])),
    merged: rows - droppedRows - filtered - people,
    examples: Object.fromEntries(
      dropped.map(({ reason, examples }) => [reason, examples.map(({ row }) => row)]),
    ),
  };
}
