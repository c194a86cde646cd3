// A report that this side asks for, under a policy of its own that has two people decide: it is proposed once they have.
import { setTimeout as pause } from "node:timers/promises";
import { refusedBy } from "../errors.ts";
import type { NodeState } from "../node-state.ts";
import { judge } from "../policy/judge.ts";
import type { SessionRow } from "../sessions/row.ts";
import { LAPSED } from "../sessions/sessions.ts";
import { approvalState, approvalWords, isApproved } from "../sessions/two-people.ts";
import type { RunEvent } from "./run-events.ts";
import type { Plan } from "./plan.ts";

/** Errors: `refused-here`, if a person denies it, nobody decides in time, or the policy forbids it by then. */
export async function untilApproved(
  node: NodeState,
  { partner, signal }: Pick<Plan, "partner" | "signal">,
  { id }: SessionRow,
  onEvent: (event: RunEvent) => void,
): Promise<void> {
  let told: string | undefined;
  for (;;) {
    const rules = await node.rules();
    const now = node.clock.now();
    lapseIfDue(node, id, now);
    const row = node.sessions.get(id);
    if (row.state === "refused") throw refusedBy("us", row.reasons);
    const question = { terms: row.terms, us: row.role, partner, initiatedBy: "us", now } as const;
    const judgement = judge(node, rules, question);
    const approvals = approvalState(node, row, judgement);
    if (isApproved(approvals)) return;
    const words = approvalWords(approvals);
    const facts = { id, partner: partner.name, reasons: "" };
    if (told === undefined) node.events.record({ type: "approval.asked", facts }, now, `approval ${id}`);
    if (told !== words.join()) onEvent({ type: "approval", id, words });
    told = words.join();
    await pause(node.settings.ask_seconds * 1000, undefined, { signal });
  }
}

function lapseIfDue({ store, sessions, audit }: NodeState, id: string, now: number): void {
  store.transaction(() => {
    const { state, partner, expiresAt } = sessions.get(id);
    if (state !== "proposed" || expiresAt > now) return;
    sessions.refuse(id, [LAPSED], now);
    audit.append("refused", { id, partner, reasons: "lapsed" }, now);
  });
}
