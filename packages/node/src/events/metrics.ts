// Metrics of what others are told of.
import { Counter, Gauge, type Registry } from "prom-client";
import type { NodeState } from "../node-state.ts";
import type { Attempted } from "./deliver.ts";
import { targetsOf } from "./targets.ts";

/** Adds them. Returns what counts an attempt. */
export function deliveryMetrics(registry: Registry, node: NodeState): (attempted: Attempted) => void {
  const attempts = new Counter({
    name: "halfroom_deliveries_total",
    help: "Attempts to deliver an event, by target and what came of it: delivered, again, failed.",
    labelNames: ["target", "outcome"] as const,
    registers: [registry],
  });
  new Gauge({
    name: "halfroom_deliveries_undelivered",
    help: "Events that a target has not been told of though it was tried: late ones are tried again, failed ones are not.",
    labelNames: ["target", "state"] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const name of targetsOf(node).keys())
        for (const state of ["late", "failed"] as const) this.set({ target: name, state }, 0);
      for (const { target, late, failed } of node.events.undelivered()) {
        this.set({ target, state: "late" }, late);
        this.set({ target, state: "failed" }, failed);
      }
    },
  });
  return ({ target, outcome }) => attempts.inc({ target, outcome });
}
