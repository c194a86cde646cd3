// How many bytes each side of a session sends in each stage, and what its groupings take.
import type { Role } from "@halfroom/mpc";
import type { TableSizes } from "../table/open-table.ts";
import type { Terms } from "../terms/terms.ts";
import { expandedTransfers, groupingWork, messagesOf, type GroupingWork } from "./messages.ts";

/** Bytes by the side that sends them. */
type Sent = Readonly<Record<Role, number>>;

export interface Traffic extends GroupingWork {
  readonly pseudonymise: Sent;
  readonly match: Sent;
  readonly aggregate: Sent;
  readonly release: Sent;
  /** Transfers that expansions make, of both directions: 0 where transfers are not silent, or too few for expansions to pay. */
  readonly expanded: number;
}

/** As `messagesOf`. */
export function trafficOf(terms: Terms, sizes: TableSizes, newItems: number): Traffic {
  const none = () => ({ sender: 0, receiver: 0 });
  const sent = { pseudonymise: none(), match: none(), aggregate: none(), release: none() };
  for (const { stage, from, bytes } of messagesOf(terms, sizes, newItems)) sent[stage][from] += bytes;
  return { ...sent, expanded: expandedTransfers(terms, sizes), ...groupingWork(terms, sizes) };
}

/** Of all stages together. */
export function sentInAll({ pseudonymise, match, aggregate, release }: Traffic): Sent {
  const stages = [pseudonymise, match, aggregate, release];
  const by = (role: Role) => stages.reduce((sum, stage) => sum + stage[role], 0);
  return { sender: by("sender"), receiver: by("receiver") };
}
