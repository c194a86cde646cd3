// What a side brings into a session, as data: its people without their identifiers, which only the OPRF needs.
import type { ReceiverPeople, RowCounts, SenderPeople } from "@halfroom/prepare";
import { hasSpareCell, paddedCells } from "./terms/bounds.ts";
import type { Terms } from "./terms/terms.ts";

interface Common {
  /** What became of the rows; for their owner alone. */
  readonly counts: RowCounts;
  /** Over all that enters the session, 32 bytes; it stays at home. */
  readonly digest: Uint8Array;
}

export interface SenderData extends Common {
  readonly role: "sender";
  readonly people: SenderPeople;
}

export interface ReceiverData extends Common {
  readonly role: "receiver";
  readonly people: ReceiverPeople;
}

export type SessionData = SenderData | ReceiverData;

/** The sender's categories, one at least. */
export function categoriesOf({ categoryLabels }: Pick<SenderPeople, "categoryLabels">): number {
  return Math.max(1, categoryLabels.length);
}

/**
 * The receiver's cells of each partition, padded, with a spare one where a person may be in none.
 * Errors: `refused`, for more than the wire allows.
 */
export function cellsOf(
  { partitions }: Pick<ReceiverPeople, "partitions">,
  terms: Pick<Terms, "entriesMax" | "newPeople">,
): number[] {
  const spare = hasSpareCell(terms) ? 1 : 0;
  return partitions.map(({ labels }) => paddedCells(labels.length + spare));
}
