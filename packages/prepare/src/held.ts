// People who are all in memory: those of a session that is computed again. Everywhere else they are columns.
import { allNumbers, heldColumn, type Column, type NumberArray } from "@halfroom/crypto";
import { peopleOfCells } from "./people/bases.ts";
import type { ReceiverPeople } from "./receiver.ts";
import type { SenderPeople } from "./sender.ts";

/** The same with arrays in place of columns. */
type Held<P> = P extends Column<infer T> ? T : P extends NumberArray ? P : { [K in keyof P]: Held<P[K]> };

/** Who is in which category follows from the rest. */
export type HeldSender = Held<Omit<SenderPeople, "base">>;
export type HeldReceiver = Held<ReceiverPeople>;

export async function heldSender(people: SenderPeople): Promise<HeldSender> {
  const { base: _, measures, peoplePayload, categories, events, ...rest } = people;
  return {
    ...rest,
    measures: await allOf(measures),
    peoplePayload: peoplePayload && (await allNumbers(peoplePayload)),
    categories: await allNumbers(categories),
    events: events && {
      counts: await allNumbers(events.counts),
      times: await allOf(events.times),
      values: await Promise.all(events.values.map(allOf)),
      lost: events.lost,
    },
  };
}

/** `each`: numbers in a row for a person. */
export async function senderColumns(held: HeldSender, each: number): Promise<SenderPeople> {
  const { measures, peoplePayload, categories, events, ...rest } = held;
  const columns = heldColumn(categories);
  return {
    ...rest,
    measures: measures.map(heldColumn),
    peoplePayload: peoplePayload && heldColumn(peoplePayload),
    categories: columns,
    base: await peopleOfCells([columns], rest.categoryLabels.length, each),
    events: events && {
      counts: heldColumn(events.counts),
      times: events.times.map(heldColumn),
      values: events.values.map((slots) => slots.map(heldColumn)),
      lost: events.lost,
    },
  };
}

export async function heldReceiver(people: ReceiverPeople): Promise<HeldReceiver> {
  const { partitions, times, ...rest } = people;
  const heldPartitions = partitions.map(async ({ cells, entries, ...partition }) => ({
    ...partition,
    cells: await allNumbers(cells),
    ...(entries !== undefined && { entries: await allOf(entries) }),
  }));
  return { ...rest, partitions: await Promise.all(heldPartitions), times: times && (await allOf(times)) };
}

export function receiverColumns({ partitions, times, ...rest }: HeldReceiver): ReceiverPeople {
  return {
    ...rest,
    partitions: partitions.map(({ cells, entries, ...partition }) => ({
      ...partition,
      cells: heldColumn(cells),
      ...(entries !== undefined && { entries: entries.map(heldColumn) }),
    })),
    times: times?.map(heldColumn),
  };
}

async function allOf<T extends NumberArray>(columns: readonly Column<T>[]): Promise<T[]> {
  return await Promise.all(columns.map(allNumbers));
}
