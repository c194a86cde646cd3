// The public shape of a session's numbers: what travels with a person of the sender and what is added up in each cell.
// Both sides derive it from the agreement.

/** One group-by of the session. A partition has one grouping for each entry that a person of the receiver may have. */
export interface Grouping {
  readonly partition: number;
  /** A power of two. */
  readonly cells: number;
  /** Row of the partition's first cell in the table. */
  readonly firstCell: number;
}

export interface Layout {
  /** Numbers of a cell. */
  readonly columns: number;
  /** Numbers that travel with a person of the sender. */
  readonly payloads: number;
  /** Whether the membership bit itself is column 0; otherwise every column is a payload. */
  readonly countsMembers: boolean;
  readonly groupings: readonly Grouping[];
  /** Rows of the table: the cells of all partitions. */
  readonly cells: number;
}
