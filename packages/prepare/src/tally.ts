// What became of the rows: counts by reason and a few row numbers, never a value.

/** For the owner of the file alone: rows = people + merged + all dropped. */
export interface RowCounts {
  /** Rows below the header, blank lines left out. */
  readonly rows: number;
  readonly people: number;
  /** Rows left out, by reason. */
  readonly dropped: Record<string, number>;
  /** Rows of people who had a row before. */
  readonly merged: number;
  /** The first few row numbers for each reason; the header is row 1. */
  readonly examples: Record<string, number[]>;
}

const EXAMPLES_MAX = 5;

export class DropTally {
  readonly #rows = new Map<string, { dropped: number; examples: number[] }>();

  /** Counts a row that is left out; reasons hold column names, never values. */
  drop(reason: string, row: number): void {
    const entry = this.#rows.get(reason) ?? { dropped: 0, examples: [] };
    this.#rows.set(reason, entry);
    entry.dropped++;
    if (entry.examples.length < EXAMPLES_MAX) entry.examples.push(row);
  }

  counts(rows: number, people: number): RowCounts {
    const reasons = [...this.#rows];
    const droppedRows = reasons.reduce((total, [, { dropped }]) => total + dropped, 0);
    return {
      rows,
      people,
      dropped: Object.fromEntries(reasons.map(([reason, { dropped }]) => [reason, dropped])),
      merged: rows - droppedRows - people,
      examples: Object.fromEntries(reasons.map(([reason, { examples }]) => [reason, examples])),
    };
  }
}
