// Who is new in a run of a series that counts new people alone (protocol-spec.md, section 8.7). The receiver finds out by itself, among its own
// people; everybody takes part in the session, and who is not new is in no cell.
import { NO_CELL, type EncodedItems, type ReceiverPeople } from "@halfroom/prepare";
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
export function onlyNew(people: ReceiverPeople, isNew: Uint8Array): ReceiverPeople {
  if (isNew.length !== people.people) throw new RangeError("not one flag a person");
  return { ...people, partitions: people.partitions.map((partition) => onlyNewIn(partition, isNew)) };
}

function onlyNewIn(
  partition: ReceiverPeople["partitions"][number],
  isNew: Uint8Array,
): ReceiverPeople["partitions"][number] {
  const { cells, entries, base } = partition;
  const each = isNew.length === 0 ? 1 : cells.length / isNew.length;
  const kept = (slot: Uint32Array) =>
    slot.map((cell, item) => (isNew[Math.floor(item / each)] === 1 ? cell : NO_CELL));
  const slots = (entries ?? [cells]).map(kept);
  const left = new Uint32Array(base.length);
  for (let item = 0; item < cells.length; item += each)
    for (const cell of new Set(slots.map((slot) => slot[item]!))) if (cell !== NO_CELL) left[cell]!++;
  return { ...partition, cells: slots[0]!, base: left, ...(entries !== undefined && { entries: slots }) };
}
