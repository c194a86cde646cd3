// What the last session over two datasets says of the next one: sizes that nobody states before the statements, and whether people are
// known under the epoch's key already.
import { hasSpareCell, type Role, type TableSizes, type Terms } from "@halfroom/session";
import type { NodeState } from "../node-state.ts";
import type { EffortQuestion } from "./effort.ts";
import type { LastAgreement } from "./last-agreement.ts";
import type { LastSizes } from "./roles.ts";

const CELLS_ASSUMED = 64;
export const CATEGORIES_ASSUMED = 4;

/** The statements of the last session, if it was over the same columns. */
function sameColumns(terms: Terms, last: LastAgreement | undefined): LastAgreement["content"] | undefined {
  const columns = (of: Terms) =>
    JSON.stringify([of.partitions, of.senderGroupBy, of.entriesMax, hasSpareCell(of)]);
  return last !== undefined && columns(last.content.terms) === columns(terms) ? last.content : undefined;
}

/** The receiver's cells of each partition, as far as the columns or the last session tell. */
export function cellsBefore(terms: Terms, last: LastAgreement | undefined): readonly number[] | undefined {
  const isOne = terms.partitions.every((columns) => columns.length === 0);
  if (isOne) return terms.partitions.map(() => (hasSpareCell(terms) ? 2 : 1));
  return sameColumns(terms, last)?.receiver.cells;
}

export function cellsAssumed({ partitions }: Terms): readonly number[] {
  return partitions.map(() => CELLS_ASSUMED);
}

/** The sender's categories, likewise. */
export function categoriesBefore(terms: Terms, last: LastAgreement | undefined): number | undefined {
  return terms.senderGroupBy.length === 0 ? 1 : sameColumns(terms, last)?.sender.categories;
}

/** The sizes of both sides, before this side's data is read; this side is `us`. */
export function sizesBefore(terms: Terms, us: Role, people: LastSizes, last: LastAgreement): TableSizes {
  const [sender, receiver] = us === "sender" ? [people.us, people.them] : [people.them, people.us];
  return {
    sender: { people: sender, categories: categoriesBefore(terms, last) ?? CATEGORIES_ASSUMED },
    receiver: { people: receiver, cells: cellsBefore(terms, last) ?? cellsAssumed(terms) },
  };
}

/** Whose identifiers have no pseudonym yet: all, unless a session in these roles has run under the epoch that still lasts. */
export function freshBefore(
  { clock }: Pick<NodeState, "clock">,
  terms: Terms,
  us: Role,
  last: LastAgreement | undefined,
  items: { readonly ours: number; readonly theirs: number },
): Pick<EffortQuestion, "fresh" | "isFirst"> {
  const isFirst =
    last === undefined ||
    last.role !== us ||
    JSON.stringify(last.content.terms.match) !== JSON.stringify(terms.match) ||
    last.content.sender.epochEndsAt <= clock.now();
  if (!isFirst) return { isFirst, fresh: { sender: 0, receiver: 0 } };
  const fresh =
    us === "sender"
      ? { sender: items.ours, receiver: items.theirs }
      : { sender: items.theirs, receiver: items.ours };
  return { isFirst, fresh };
}
