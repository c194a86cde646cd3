// The receiver's half of design section 2.1: one row per person, each in one cell.
import type { ByteRows } from "@halfroom/crypto";
import { Cells } from "./cells.ts";
import { columnOf, readCsv } from "./csv.ts";
import { emailFault, normaliseEmail } from "./email.ts";
import { grown } from "./grow.ts";
import { People } from "./people.ts";
import { DropTally } from "./tally.ts";
import type { RowCounts } from "./tally.ts";

export interface PreparedReceiver extends RowCounts {
  /** One encoded identifier per person, all distinct, in the order of first occurrence. */
  readonly identifiers: ByteRows;
  /** Each person's index into `labels`. */
  readonly cells: Uint32Array;
  /** The distinct label tuples that occur, one label for each grouping column. */
  readonly labels: string[][];
}

/**
 * Reads the receiver's CSV file. A person's cell is that of their first row in the file with a valid identifier; later rows
 * change nothing. Labels count as they stand, neither trimmed nor normalised, "" where a cell is empty.
 *
 * Throws `InputError` when the file as a whole cannot be read, or a label is too long.
 */
export async function prepareReceiver(
  file: string,
  options: { match: "email"; groupBy: readonly string[] },
): Promise<PreparedReceiver> {
  const { match, groupBy } = options;
  const people = new People(match);
  const tally = new DropTally();
  const cells = new Cells(file, groupBy);
  let cellOf = new Uint32Array(1024);

  const rows = await readCsv(file, (header) => {
    const emailColumn = columnOf(file, header, match);
    const groupColumns = groupBy.map((name) => columnOf(file, header, name));
    return (fields, row) => {
      const email = normaliseEmail(fields[emailColumn]!);
      const fault = emailFault(email);
      if (fault !== undefined) return tally.drop(fault, row);
      const known = people.count;
      const person = people.numberOf(email);
      if (person < known) return;
      const labels = groupColumns.map((column) => fields[column]!);
      cellOf = grown(cellOf, person + 1);
      cellOf[person] = cells.numberOf(labels, row);
    };
  });

  return {
    identifiers: people.identifiers(),
    cells: cellOf.slice(0, people.count),
    labels: cells.labels,
    ...tally.counts(rows, people.count),
  };
}
