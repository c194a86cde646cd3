// Which side is the receiver of a report that could be run either way round. It is cheaper if the smaller side is: the
// receiver's people go through bins and trees, the sender's only into a store (docs/bench/README.md has the cost of each).
import { otherRole, type Role } from "@halfroom/session";
import type { NodeState } from "../node-state.ts";
import { lastAgreement } from "./last-agreement.ts";
import type { ReportRequest } from "../request/request.ts";

export interface RoleChoice {
  readonly role: Role;
  /** A sentence for the user; undefined where there is no choice and nothing to say. */
  readonly why: string | undefined;
}

/** How many people the last session over a request's two datasets had. */
export interface LastSizes {
  readonly us: number;
  readonly them: number;
}

/** From this ratio of sizes on, a user who made the larger side the receiver is told that the other way would be cheaper. */
const WORTH_SAYING = 4;

/**
 * A request without measures and columns gives the same report in both roles. If the same report has run before, it keeps its
 * roles, since only then is it the same request to the ledger; otherwise the side with fewer people in the last session receives.
 */
export function chooseRole(
  { role, roles, report }: Pick<ReportRequest, "role" | "roles" | "report">,
  ranAs: Role | undefined,
  sizes: LastSizes | undefined,
): RoleChoice {
  if (roles === "fixed") return { role, why: report === "overlap" ? advice(role, sizes) : undefined };
  if (ranAs !== undefined)
    return { role: ranAs, why: `We are the ${ranAs}, as when this report was run before.` };
  if (sizes === undefined) {
    return {
      role,
      why: `We are the ${role}: no session has shown the sizes of both sides yet. \`receiver: us\` or \`receiver: them\` decides.`,
    };
  }
  const cheaper = sizes.us <= sizes.them ? "receiver" : "sender";
  return {
    role: cheaper,
    why: `We are the ${cheaper}: ${counted(sizes)}, and the smaller side is cheaper as the receiver.`,
  };
}

/** For a report whose columns can be one side's cells or the other's categories; the user has decided which. */
function advice(role: Role, sizes: LastSizes | undefined): string | undefined {
  if (sizes === undefined) return undefined;
  const [receiver, sender] = role === "receiver" ? [sizes.us, sizes.them] : [sizes.them, sizes.us];
  if (receiver < WORTH_SAYING * sender) return undefined;
  const other = role === "receiver" ? "them" : "us";
  return `${counted(sizes)}: with few groups \`receiver: ${other}\` is cheaper; the sender's columns then make categories.`;
}

function counted({ us, them }: LastSizes): string {
  return `in the last session we had ${us} people and the partner ${them}`;
}

/** From the last session over the request's two datasets, whoever proposed it and whatever the roles, in which this side left out nobody. */
export function lastSizes(
  node: Pick<NodeState, "sessions" | "agreements">,
  request: Pick<ReportRequest, "partner" | "ours" | "theirs">,
): LastSizes | undefined {
  const last = lastAgreement(node, request);
  if (last === undefined) return undefined;
  const { role, content } = last;
  return { us: content[role].people, them: content[otherRole(role)].people };
}
