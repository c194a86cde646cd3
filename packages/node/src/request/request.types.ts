// What a user writes to start a session.
import type { ReleaseRule } from "../agreement/agreement.types.ts";
import type { Measure, Role } from "../half.types.ts";

/** A report request as read from YAML, seen from the side that wrote it. */
export interface ReportRequest {
  /** The partner's name in this node's folder. */
  readonly partner: string;
  /** The side that groups is the receiver. */
  readonly role: Role;
  readonly ours: string;
  readonly theirs: string;
  /** This side's filter, an expression over its own dataset; the partner sees a commitment to it. */
  readonly where: string | undefined;
  readonly measures: readonly Measure[];
  readonly groupBy: readonly string[];
  readonly threshold: number;
  readonly release: ReleaseRule;
  readonly resultTo: "both" | "us" | "them";
  readonly otK: 4 | 8;
}
