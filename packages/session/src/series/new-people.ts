// Who is new in a run of a series that counts new people alone (protocol-spec.md, section 8.7). The receiver finds out by itself, among its own
// people; everybody takes part in the session, and who is not new is in no cell.
import { changedColumn, type Column } from "@halfroom/crypto";
import {
  NO_CELL,
  peopleOfCells,
  type EncodedItems,
  type Partition,
  type ReceiverPeople,
} from "@halfroom/prepare";
import type { SenderStatement } from "../agreement/statement.ts";

export interface NewPeople {
  /** One for each person of the session, in their order: 1 if none of its items was in an earlier run. */
  readonly isNew: Uint8Array;
  /** Writes down who is in this run, for later ones. */
  readonly keep: () => Promise<void>;
}

/** Once it is known under which key of the sender the session runs: who is new is told within its epoch. */
export type TellNewPeople = (
  sender: Pick<SenderStatement, "epochKey" | "epochEndsAt">,
  items: EncodedItems,
) => Promise<NewPeople>;

/** Throws RangeError unless there is one flag a person. A cell that nobody new is in stays, empty. */
export async function onlyNew(people: ReceiverPeople, isNew: Uint8Array): Promise<ReceiverPeople> {
  if (isNew.length !== people.people) throw new RangeError("not one flag a person");
  const partitions = people.partitions.map((partition) => onlyNewIn(partition, isNew));
  return { ...people, partitions: await Promise.all(partitions) };
}

async function onlyNewIn(partition: Partition, isNew: Uint8Array): Promise<Partition> {
  const { cells, entries, base } = partition;
  const each = isNew.length === 0 ? 1 : cells.length / isNew.length;
  const kept = (slot: Column<Uint32Array>) =>
    changedColumn(slot, (numbers, start) =>
      numbers.map((cell, i) => (isNew[Math.floor((start + i) / each)] === 1 ? cell : NO_CELL)),
    );
  const slots = (entries ?? [cells]).map(kept);
  const left = await peopleOfCells(slots, base.length, each);
  return { ...partition, cells: slots[0]!, base: left, ...(entries !== undefined && { entries: slots }) };
}
