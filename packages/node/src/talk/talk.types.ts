import type { Terms } from "../agreement/agreement.types.ts";
import type { Reason } from "../policy/policy.types.ts";

/**
 * What the answering node says to a proposal. `queued` means accepted, but other sessions compute first: the next answer
 * follows on the same connection.
 */
export interface Answer {
  readonly decision: "accept" | "hold" | "refuse" | "queued";
  /** The proposed terms, made stricter by the answering node's policy. */
  readonly terms: Terms;
  readonly reasons: readonly Reason[];
}
