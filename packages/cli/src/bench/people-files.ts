// Two files of invented people; the smaller set is part of the larger.
import { join } from "node:path";
import { seededRandom } from "../demo/random.ts";
import { writeLines } from "../demo/write-lines.ts";

export const CELLS = 64;

export interface Sizes {
  readonly senderPeople: number;
  readonly receiverPeople: number;
}

export interface PeopleFiles {
  readonly sender: string;
  readonly receiver: string;
}

export async function writePeople(
  folder: string,
  { senderPeople, receiverPeople }: Sizes,
  seed: string,
): Promise<PeopleFiles> {
  const files = { sender: join(folder, "purchases.csv"), receiver: join(folder, "exposures.csv") };
  await writeLines(files.sender, senderLines(senderPeople, seed));
  await writeLines(files.receiver, receiverLines(receiverPeople));
  return files;
}

export const emailOf = (person: number) => `person${person}@example.com`;

function* senderLines(people: number, seed: string): Iterable<string> {
  const random = seededRandom(seed);
  yield "email,amount";
  for (let i = 0; i < people; i++) yield `${emailOf(i)},${random.below(500)}.${10 + random.below(90)}`;
}

/** In the opposite order. */
function* receiverLines(people: number): Iterable<string> {
  yield "email,segment";
  for (let i = people - 1; i >= 0; i--) yield `${emailOf(i)},segment ${i % CELLS}`;
}
