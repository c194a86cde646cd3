// What a user writes to start a session.
import type { Role, Terms } from "@halfroom/session";

/** A report request as read from YAML, seen from the side that wrote it; what is not listed here is as in the terms. */
export interface ReportRequest extends Omit<
  Terms,
  "protocol" | "initiator" | "datasets" | "match" | "resultTo"
> {
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
  readonly resultTo: "both" | "us" | "them";
}
