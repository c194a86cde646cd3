// What every source comes down to: parts, each a relation of the engine with numbered rows and columns.

export interface SourceColumn {
  /** As the source spells it. */
  readonly name: string;
  /** Whether the source has types; a text column takes the type that the dataset declares. */
  readonly typed: boolean;
  /** The engine's type of a column of typed files, which is NULL of that type in a file that lacks it. */
  readonly type?: string;
  /** A column of the relation that is true where a row has a number, for sources whose columns have texts and numbers. */
  readonly isNumber?: string | undefined;
}

export interface Part {
  /** What errors and row numbers refer to: the file's path, or the database. */
  readonly label: string;
  /** A SELECT of halfroom_row (from 0 or 1 on) and halfroom_c0, halfroom_c1, ... */
  readonly relation: string;
  readonly columns: readonly SourceColumn[];
  /** How many rows there are, if that is known by other means: the engine must find as many. */
  readonly rows?: number | undefined;
  /** From a halfroom_row, the number by which the owner finds the row. */
  rowNumber(row: number): number;
  /** Whether its texts may hold `HALF` for a character of which only one half was written. */
  readonly halves?: boolean | undefined;
}

/** A noncharacter of Unicode, which no text is meant to hold. */
export const HALF = "\ufdd0";

/** The columns of a part by number. */
export function columnAlias(position: number): string {
  return `halfroom_c${position}`;
}

export const ROW = "halfroom_row";
