// How many people of one dataset a node takes: as many as a session may have.
import { InputError } from "../errors.ts";

export const ITEMS_HELD_MAX = 1_000_000_000;

/** Errors: InputError (`people`), if so many people could have more items than fit, one for each non-empty set of their keys. */
export function assertHeld(people: number, keys: number, dataset: string): void {
  const most = Math.floor(ITEMS_HELD_MAX / (2 ** keys - 1));
  if (people <= most) return;
  const remedy = `There are ${people} and room for ${most}: divide it into several datasets${keys > 1 ? ", or match by fewer keys" : ""}.`;
  throw new InputError("people", { file: `dataset ${dataset}`, remedy });
}
