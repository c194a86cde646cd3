// A digest that tells one set of prepared people from another.
import { createHash } from "node:crypto";
import type { Plan } from "../dataset/request.ts";
import type { PeopleArrays } from "./fetch.ts";

/** Hash in pieces: one update takes at most 2 GiB. */
const HASH_BYTES = 1 << 28;

/** SHA-256, 32 bytes, over names, labels and all arrays. */
export async function digestOfPeople(people: PeopleArrays, plan: Plan): Promise<Uint8Array> {
  const { count, keys, digests, present, measures, partitions, entries, events } = people;
  const names = plan.measures.map(({ name, decimals }) => [name, decimals]);
  const labels = partitions.map((partition) => [partition.groupBy, partition.labels]);
  const several = [plan.entries ?? null, plan.events ?? null];
  const header = ["halfroom dataset 2", keys, names, labels, several, count];
  // The header determines all lengths.
  const columns: ArrayBufferView[] = [
    present,
    ...measures,
    ...partitions.map(({ cells }) => cells),
    ...(entries?.partitions.flatMap(({ slots }) => slots) ?? []),
    ...(entries?.times ?? []),
    ...(events === undefined ? [] : [events.counts, ...events.times, ...events.values.flat()]),
  ];
  const hash = createHash("sha256").update(`${JSON.stringify(header)}\n`);
  for await (const page of digests.read()) hash.update(page);
  for (const column of columns) {
    for (let start = 0; start < column.byteLength; start += HASH_BYTES) {
      const bytes = Math.min(HASH_BYTES, column.byteLength - start);
      hash.update(new Uint8Array(column.buffer, column.byteOffset + start, bytes));
    }
  }
  return hash.digest();
}
