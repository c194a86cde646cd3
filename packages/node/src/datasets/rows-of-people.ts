// The rows of everybody's items among a dataset's identifiers, a few people at a time.
import type { EncodedItems } from "@halfroom/prepare";

const PEOPLE = 4096;

/** Rows, or `LACKING`, of whole people in their order, `each` items a person, with the number of the first person; all people or the first so many. */
export async function* rowsOfPeople(
  { identifiers, items }: EncodedItems,
  each: number,
  people = (items?.length ?? identifiers.count) / each,
): AsyncGenerator<{ readonly first: number; readonly rows: Uint32Array }> {
  for (let first = 0; first < people; first += PEOPLE) {
    const [start, end] = [first * each, Math.min(people, first + PEOPLE) * each];
    const rows = await items?.read(start, end);
    yield { first, rows: rows ?? Uint32Array.from({ length: end - start }, (_, i) => start + i) };
  }
}
