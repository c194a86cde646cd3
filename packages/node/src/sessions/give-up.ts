// How a proposal of this side's that waits is given up.
import type { NodeState } from "../node-state.ts";
import { WAITING } from "./sessions.ts";

/** Closes a proposal of ours that waits; the partner, who may still be asked to decide, hears no more of it. */
export function giveUp({ store, sessions, audit, clock }: NodeState, id: string): void {
  store.transaction(() => {
    const { partner, state } = sessions.get(id);
    if (!WAITING.includes(state)) return;
    const now = clock.now();
    sessions.fail(id, "cancelled", now);
    audit.append("failed", { id, partner, stage: "agree", code: "cancelled" }, now);
  });
}
