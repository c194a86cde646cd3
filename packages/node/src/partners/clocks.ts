// What is said where the clock of the node that was called differs from this node's by more than an hour.
import { HOUR_MS } from "../time.ts";

const HOURS_A_DAY = 24;

/** "its clock is 26 hours ahead of this node's"; undefined where the clocks agree, or the partner's is not known. */
export function clockWords(aheadMs: number | undefined): string | undefined {
  const hours = Math.round(Math.abs(aheadMs ?? 0) / HOUR_MS);
  if (aheadMs === undefined || Math.abs(aheadMs) <= HOUR_MS) return undefined;
  const long =
    hours >= 2 * HOURS_A_DAY
      ? `${Math.round(hours / HOURS_A_DAY)} days`
      : `${hours} hour${hours === 1 ? "" : "s"}`;
  return `its clock is ${long} ${aheadMs > 0 ? "ahead of" : "behind"} this node's: set the one that is wrong`;
}
