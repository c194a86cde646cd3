// How many people of one dataset a node can hold: all of them lie in arrays of at most 4 GiB, of which that of their pseudonyms,
// 64 bytes an item, is the longest.
import { InputError } from "../errors.ts";

export const ITEMS_HELD_MAX = 2 ** 26 - 1;

/** Errors: InputError (`people`), if so many people could have more items than fit, one for each non-empty set of their keys. */
export function assertHeld(people: number, keys: number, dataset: string): void {
  const most = Math.floor(ITEMS_HELD_MAX / (2 ** keys - 1));
  if (people <= most) return;
  const remedy = `There are ${people} and room for ${most}: divide it into several datasets${keys > 1 ? ", or match by fewer keys" : ""}.`;
  throw new InputError("people", { file: `dataset ${dataset}`, remedy });
}
