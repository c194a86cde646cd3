// What a source comes down to: parts, each one relation of the engine with numbered rows and columns.

interface SourceColumn {
  /** As the source spells it. */
  readonly name: string;
  /** Whether the source has types; a column of text takes the type that the dataset declares. */
  readonly typed: boolean;
}

export interface Part {
  /** What errors and row numbers refer to: the file's path, or the database. */
  readonly label: string;
  /** A SELECT of halfroom_row (from 0 or 1 on) and halfroom_c0, halfroom_c1, ... */
  readonly relation: string;
  readonly columns: readonly SourceColumn[];
  /** How many rows there are, where that is known by other means: the engine must find as many. */
  readonly rows?: number | undefined;
  /** The number under which the owner finds a row, from its halfroom_row. */
  rowNumber(row: number): number;
}

/** The columns of a part under their numbers. */
export function columnAlias(position: number): string {
  return `halfroom_c${position}`;
}

export const ROW = "halfroom_row";
