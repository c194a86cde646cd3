// A serving node tells others of what happens.
import type { Registry } from "prom-client";
import { safeWords } from "../errors.ts";
import { Deliverer } from "../events/deliver.ts";
import { deliveryMetrics } from "../events/metrics.ts";
import { every } from "../every.ts";
import type { NodeState } from "../node-state.ts";
import type { QuietLog } from "./quiet-log.ts";

/** How soon what has happened, in this process or in a command's, is told. */
const LOOK_MS = 2000;

/** Begins at once. `close` tells what has happened so far once more and resolves when what was begun is over. */
export function openDelivering(
  node: NodeState,
  quiet: QuietLog,
  registry: Registry,
): { readonly close: () => Promise<void> } {
  const count = deliveryMetrics(registry, node);
  const deliverer = new Deliverer(node, (attempted) => {
    count(attempted);
    const { target, event, attempts, outcome, words } = attempted;
    if (outcome === "delivered") return;
    const what =
      outcome === "failed" ? "event given up; halfroom events retry tries again" : "event not delivered";
    quiet.warn(`delivery ${target}`, { target, event, attempts, words }, what);
  });
  const look = () => deliverer.look();
  const failed = (error: unknown) =>
    quiet.warn("delivering", { words: safeWords(error) }, "events could not be looked at");
  const stop = every(LOOK_MS, look, failed);
  return {
    async close() {
      stop();
      try {
        look();
      } catch (error) {
        failed(error);
      }
      await deliverer.end();
    },
  };
}
