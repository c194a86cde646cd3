// How many people there are in each cell, whoever matches: small, and wanted wherever people are counted.
import { piecesOfColumns, type Column } from "@halfroom/crypto";

/** The cell of an entry that a person does not have. */
export const NO_CELL = 0xffff_ffff;

/** How many people have at least one entry in each cell. `entries`: a column for each, with `each` numbers in a row for a person. */
export async function peopleOfCells(
  entries: readonly Column<Uint32Array>[],
  cells: number,
  each: number,
): Promise<Uint32Array> {
  const people = new Uint32Array(cells);
  for await (const { start, pieces } of piecesOfColumns(entries)) {
    const beyond = start % each;
    for (let i = beyond === 0 ? 0 : each - beyond; i < pieces[0]!.length; i += each) {
      for (let entry = 0; entry < pieces.length; entry++) {
        const cell = pieces[entry]![i]!;
        if (cell !== NO_CELL && !hasEarlier(pieces, entry, i)) people[cell]!++;
      }
    }
  }
  return people;
}

/** Whether an entry before this one is in the same cell. */
function hasEarlier(pieces: readonly Uint32Array[], entry: number, i: number): boolean {
  for (let earlier = 0; earlier < entry; earlier++)
    if (pieces[earlier]![i] === pieces[entry]![i]) return true;
  return false;
}
