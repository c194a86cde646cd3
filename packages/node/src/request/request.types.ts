// What a user writes to start a session.
import type { Arms, EventTerms, Measure, ReleaseRule, ReportKind, Role } from "../half.types.ts";

/** A report request as read from YAML, seen from the side that wrote it. */
export interface ReportRequest {
  readonly report: ReportKind;
  /** The partner's name in this node's folder. */
  readonly partner: string;
  /** The side that groups is the receiver. */
  readonly role: Role;
  /** Either: no side groups or sums and the file names no receiver, so the roles can be swapped. */
  readonly roles: "fixed" | "either";
  readonly ours: string;
  readonly theirs: string;
  /** This side's filter, an expression over its own dataset; the partner sees a commitment to it. */
  readonly where: string | undefined;
  /** Names of match keys; undefined for the first one that this side's dataset declares. */
  readonly match: readonly string[] | undefined;
  readonly measures: readonly Measure[];
  readonly senderGroupBy: readonly string[];
  readonly partitions: readonly (readonly string[])[];
  readonly entriesMax: number;
  readonly events: EventTerms | undefined;
  readonly arms: Arms | undefined;
  readonly threshold: number;
  readonly release: ReleaseRule;
  readonly totals: boolean;
  readonly rules: "standard" | "pair";
  readonly resultTo: "both" | "us" | "them";
  readonly otK: 4 | 8;
}
