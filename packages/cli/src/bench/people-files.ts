// Two files of invented people. Three quarters of the smaller set are shared: an exact report opens nothing of a base that
// matches as a whole.
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
  const shared = sharedPeople({ senderPeople, receiverPeople });
  await writeLines(files.sender, senderLines(senderPeople, shared, seed));
  await writeLines(files.receiver, receiverLines(receiverPeople, shared));
  return files;
}

const emailOf = (person: number) => `person${person}@example.com`;

export function sharedPeople({ senderPeople, receiverPeople }: Sizes): number {
  return Math.floor((Math.min(senderPeople, receiverPeople) * 3) / 4);
}

function* senderLines(people: number, shared: number, seed: string): Iterable<string> {
  const random = seededRandom(seed);
  yield "email,amount";
  for (let i = 0; i < people; i++) {
    const email = i < shared ? emailOf(i) : `buyer${i}@example.com`;
    yield `${email},${random.below(500)}.${10 + random.below(90)}`;
  }
}

/** In the opposite order. */
function* receiverLines(people: number, shared: number): Iterable<string> {
  yield "email,segment";
  for (let i = people - 1; i >= 0; i--) {
    const email = i < shared ? emailOf(i) : `reader${i}@example.com`;
    yield `${email},segment ${i % CELLS}`;
  }
}
