import type { Reason } from "@halfroom/session";

/** The report is refused, by this side's policy or by the partner's; nothing was computed. */
export class RefusedError extends Error {
  readonly reasons: readonly Reason[];
  readonly by: "us" | "partner";

  constructor(by: "us" | "partner", reasons: readonly Reason[]) {
    super(reasons.map(({ words }) => words).join("; "));
    this.name = "RefusedError";
    this.by = by;
    this.reasons = reasons;
  }
}
