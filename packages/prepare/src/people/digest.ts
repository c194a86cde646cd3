// A digest that tells one set of prepared people from another.
import { createHash } from "node:crypto";
import { heldColumn, piecesOfColumns, type Column, type NumberArray } from "@halfroom/crypto";
import type { Plan } from "../dataset/request.ts";
import type { PeopleColumns } from "./fetch.ts";

/** SHA-256, 32 bytes, over names, labels and all columns. */
export async function digestOfPeople(people: PeopleColumns, plan: Plan): Promise<Uint8Array> {
  const { count, keys, digests, present, measures, partitions, entries, events } = people;
  const names = plan.measures.map(({ name, decimals }) => [name, decimals]);
  const labels = partitions.map((partition) => [partition.groupBy, partition.labels]);
  const several = [plan.entries ?? null, plan.events ?? null];
  const header = ["halfroom dataset 2", keys, names, labels, several, count];
  // The header determines all lengths.
  const columns: Column<NumberArray>[] = [
    heldColumn(present),
    ...measures,
    ...partitions.map(({ cells }) => cells),
    ...(entries?.partitions.flatMap(({ slots }) => slots) ?? []),
    ...(entries?.times ?? []),
    ...(events === undefined ? [] : [events.counts, ...events.times, ...events.values.flat()]),
  ];
  const hash = createHash("sha256").update(`${JSON.stringify(header)}\n`);
  for await (const page of digests.read()) hash.update(page);
  for (const column of columns)
    for await (const { pieces } of piecesOfColumns([column])) hash.update(pieces[0]!);
  return hash.digest();
}
