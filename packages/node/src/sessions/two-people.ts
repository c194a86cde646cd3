// `approval: two-people`: two different people here decide on each report, the partner's and this side's own, and neither of them is the one
// who asked for it here.
import { createHash } from "node:crypto";
import { runOf } from "@halfroom/session";
import { quoted } from "@halfroom/wire/words";
import { OperatorError } from "../errors.ts";
import type { NodeState } from "../node-state.ts";
import { actorText, thisAccount, type Actor } from "../people/actor.ts";
import type { Judgement } from "../policy/judge.ts";
import type { SessionRow } from "./row.ts";

/** Why whoever acts may not be one of two: they are a token, they asked for the report here, they have approved it. */
type Bar = "token" | "asker" | "approved";

/** How many people have to approve a session here, and who has. */
export interface ApprovalState {
  readonly needed: number;
  readonly given: readonly {
    /** As in the audit log. */
    readonly by: string;
    /** Milliseconds since 1970. */
    readonly at: number;
  }[];
  /** Why whoever looks may not approve it; absent if they may. */
  readonly barred?: Bar;
}

/** A proposal, or a template that is to be published, under its digest. */
type Held = Pick<SessionRow, "id" | "asked" | "initiatedBy" | "terms">;
type Judged = Pick<Judgement, "policy">;

/** What holds now: an approval of another request or policy does not count. */
export function approvalState(node: NodeState, row: Held, judged: Judged): ApprovalState {
  const { approvals, links } = node;
  const what = digestOf(row, judged);
  const all = approvals.given(row.id, what);
  // Two ways of one person may have been linked after both had approved.
  const given = all.filter((each, i) => !all.slice(0, i).some((other) => links.isSamePerson(each, other)));
  const needed = neededBy(row, judged);
  const barred = needed > 1 ? barOf(node, row.id, what) : undefined;
  return {
    needed,
    given: given.map(({ at, ...actor }) => ({ by: actorText(actor), at })),
    ...(barred !== undefined && { barred }),
  };
}

/** Of a report that is proposed here one person decides by asking for it; of a run of a series all have, when they decided on the series. */
function neededBy({ initiatedBy, terms }: Held, { policy }: Judged): number {
  if (runOf(terms) !== undefined) return 0;
  if (policy.approval === "two-people") return 2;
  return initiatedBy === "us" ? 0 : 1;
}

export function isApproved({ needed, given }: ApprovalState): boolean {
  return given.length >= needed;
}

/** Adds the approval of whoever acts, in the running transaction. Errors: `approver`, if they may not give one. */
export function giveApproval(
  node: NodeState,
  row: Held & Pick<SessionRow, "partner">,
  judged: Judged,
  now: number,
): ApprovalState {
  const { approvals, audit, actor = thisAccount() } = node;
  const what = digestOf(row, judged);
  const lost = approvals.voidOthers(row.id, what);
  const facts = { id: row.id, partner: row.partner };
  if (lost > 0) audit.append("approvals-void", { ...facts, approvals: lost }, now);
  const needed = neededBy(row, judged);
  const bar = needed > 1 ? barOf(node, row.id, what) : undefined;
  if (bar !== undefined) throw new OperatorError("approver", BARS[bar]);
  approvals.give(row.id, what, actor, now);
  const state = approvalState(node, row, judged);
  if (!isApproved(state))
    audit.append("approval-given", { ...facts, given: state.given.length, needed }, now);
  return state;
}

const BARS: Readonly<Record<Bar, string>> = {
  token: "Two people have to approve this, and a token is nobody in particular: sign in to approve.",
  asker: "Who asks for a report does not approve it: two other people have to.",
  approved: "You have approved this already; another person has to as well.",
};

function barOf(node: NodeState, id: string, what: string): Bar | undefined {
  const { approvals, links, actor = thisAccount() } = node;
  if (actor.kind === "token") return "token";
  const isSame = (other: Actor) => links.isSamePerson(other, actor);
  if (approvals.askers(id).some(isSame)) return "asker";
  return approvals.given(id, what).some(isSame) ? "approved" : undefined;
}

/** Says who has to approve, for whoever decides; nothing where one person does. */
export function approvalWords({ needed, given }: ApprovalState): string[] {
  if (needed < 2) return [];
  const name = (by: string) => by.slice(by.indexOf(":") + 1);
  const who = given.map(
    ({ by, at }) => `${quoted(name(by))} has (${new Date(at).toISOString().slice(0, 16)} UTC)`,
  );
  return [
    `Two different people here have to approve it: ${who.length === 0 ? "nobody has yet" : who.join(", ")}.`,
  ];
}

/** What is approved: the request as it was made, under the policy as it is now. */
function digestOf({ asked }: Held, { policy }: Judged): string {
  return createHash("sha256")
    .update(JSON.stringify([asked, policy]))
    .digest("hex");
}
