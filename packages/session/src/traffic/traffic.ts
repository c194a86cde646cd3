// How many bytes a session moves in each stage, both ways together.
import type { TableSizes } from "../table/open-table.ts";
import type { Terms } from "../terms/terms.ts";
import { messagesOf } from "./messages.ts";

export interface Traffic {
  readonly pseudonymise: number;
  readonly match: number;
  readonly aggregate: number;
  readonly release: number;
}

/** As `messagesOf`. */
export function trafficOf(terms: Terms, sizes: TableSizes, newItems: number): Traffic {
  const traffic = { pseudonymise: 0, match: 0, aggregate: 0, release: 0 };
  for (const { stage, bytes } of messagesOf(terms, sizes, newItems)) traffic[stage] += bytes;
  return traffic;
}
