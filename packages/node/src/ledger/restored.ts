// What a node that was restored from a backup counts as spent. What it did after the backup is in no row and no entry; unless a head of
// its log that was kept elsewhere proves that it spent nothing, all budgets of periods count as spent until everything that it may
// have spent lies out of them, and budgets for all time as spent altogether: as high as they were when it was restored.
import type { Audit, AuditEntry } from "../audit/audit.ts";
import { EPOCH_DAYS } from "../epochs/epochs.ts";
import { DAY_MS } from "../time.ts";

export interface Restored {
  /** When it was last restored without such a proof, in milliseconds since 1970. */
  readonly at: number;
  /** The highest budget for all time that any policy had then, in millionths. */
  readonly lifetimeMicroEpsilon: number;
}

/** Undefined for a node that knows all that it has spent. */
export function restoredOf(audit: Audit): Restored | undefined {
  const blind = [...audit.ofKind("restored")].filter(({ facts }) => facts["lost"] !== "nothing");
  if (blind.length === 0) return undefined;
  return {
    at: Math.max(...blind.map(({ at }) => at)),
    lifetimeMicroEpsilon: Math.max(...blind.map(lifetimeIn)),
  };
}

function lifetimeIn({ facts }: AuditEntry): number {
  return Number(facts["lifetimeMicroEpsilon"] ?? 0);
}

/**
 * Until when a period counts as spent, in milliseconds since 1970. `evaluates`: whether the report would have this node evaluate the
 * partner's identifiers: how many it has evaluated under the key of an epoch is not known until that epoch is over.
 */
export function spentUntil({ at }: Restored, periodDays: number, evaluates: boolean): number {
  return at + Math.max(periodDays, evaluates ? EPOCH_DAYS : 0) * DAY_MS;
}
