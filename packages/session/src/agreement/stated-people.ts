// How many people a side states (protocol-spec.md, section "People and items"). Rounding hides how a set grows by a few; what fills it up
// are made-up people, who lack every key, match nobody and are in no base.
import { PEOPLE_MAX } from "@halfroom/wire";

/** `people` up to the next multiple of `roundTo`, one at least if it rounds; items of all, `each` a person, stay within the limit. */
export function statedPeople(people: number, roundTo: number, each: number): number {
  if (roundTo === 1) return people;
  const rounded = roundTo * Math.max(1, Math.ceil(people / roundTo));
  return Math.max(people, Math.min(rounded, Math.floor(PEOPLE_MAX / each)));
}
