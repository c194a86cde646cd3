// Metrics of what a person has to do something about: proposals and templates that wait for a decision, and budgets that run out.
import { Gauge, type Registry } from "prom-client";
import { budgetsOf, type BudgetState } from "../ledger/budgets.ts";
import type { NodeState } from "../node-state.ts";
import { notEnded } from "../templates/not-ended.ts";

/** Adds both; where settings are being changed and cannot be read, the budgets are as they were. */
export function waitingMetrics(registry: Registry, node: NodeState): void {
  new Gauge({
    name: "halfroom_approvals_waiting",
    help: "Proposals and templates that wait for a person here.",
    registers: [registry],
    collect() {
      this.set(node.sessions.held().length + notEnded(node, "waiting", node.clock.now()).length);
    },
  });
  new Gauge({
    name: "halfroom_budget_left",
    help: "What is left of what a policy allows, from 0 to 1, by what it bounds.",
    labelNames: ["partner", "dataset", "of"] as const,
    registers: [registry],
    async collect() {
      const budgets = await budgetsOf(node).catch(() => undefined);
      if (budgets === undefined) return;
      this.reset();
      for (const {
        partner,
        dataset,
        period,
        everybody,
        lifetime,
        numbers,
        everybodyNumbers,
        exact,
      } of budgets) {
        const set = (of: string, { left, budget }: BudgetState) => {
          // What is not allowed at all does not run out.
          if (budget > 0) this.set({ partner, dataset, of }, left / budget);
        };
        set("period", period);
        set("everybody", everybody);
        set("lifetime", lifetime);
        set("numbers", numbers);
        set("everybody-numbers", everybodyNumbers);
        set("exact", exact);
      }
    },
  });
}
