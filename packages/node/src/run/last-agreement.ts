// What the last session over two datasets has shown of the sizes of both sides.
import { otherRole, type AgreementContent, type Role } from "@halfroom/session";
import type { NodeState } from "../node-state.ts";
import type { ReportRequest } from "../request/request.ts";

export interface LastAgreement {
  /** This side's role in it. */
  readonly role: Role;
  readonly content: AgreementContent;
  /** When it was agreed, in milliseconds since 1970. */
  readonly at: number;
}

/** Looked through for a session over the same two datasets. */
const SESSIONS_LOOKED_AT = 200;

/**
 * Of the last session over a request's two datasets, of this side's whole, whoever proposed it and whatever the roles, among the last
 * ones with the partner that both have signed.
 */
export function lastAgreement(
  { sessions, agreements }: Pick<NodeState, "sessions" | "agreements">,
  { partner, ours, theirs }: Pick<ReportRequest, "partner" | "ours" | "theirs">,
): LastAgreement | undefined {
  const row = sessions
    .signed(partner, SESSIONS_LOOKED_AT)
    .find(({ role, terms: { datasets } }) => datasets[role] === ours && datasets[otherRole(role)] === theirs);
  const kept = row && agreements.get(row.session!);
  return kept && { role: row.role, content: kept.content, at: row.createdAt };
}
