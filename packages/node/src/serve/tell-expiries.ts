// What ends soon, in the log of a serving node and in its metrics.
import { Gauge, type Registry } from "prom-client";
import { daysLeft, expiriesOf, expiryWords, urgency } from "../expiry/expiries.ts";
import type { Settings } from "../config/schema.ts";
import type { NodeState } from "../node-state.ts";

/** Those of the start where somebody is in the middle of changing them. */
async function rulesOf(node: NodeState): Promise<Settings> {
  return await node.rules().catch(() => node.settings);
}

/** Adds the days that are left of everything that ends. */
export function expiryMetrics(registry: Registry, node: NodeState): void {
  new Gauge({
    name: "halfroom_expires_days",
    help: "Days until it ends, below zero once it has, by what it is and whom it concerns.",
    labelNames: ["what", "name"] as const,
    registers: [registry],
    async collect() {
      const rules = await rulesOf(node);
      const now = node.clock.now();
      this.reset();
      for (const expiry of expiriesOf(node, rules, now))
        this.set({ what: expiry.what, name: expiry.name }, daysLeft(expiry, now));
    },
  });
}

/** Tells each end once when it is near, once more when it is nearer, and when it has come. */
export class ExpiryLog {
  readonly #node: NodeState;
  readonly #warn: (words: string, fields: { what: string; name: string; days: number }) => void;
  readonly #told = new Map<string, number>();

  constructor(
    node: NodeState,
    warn: (words: string, fields: { what: string; name: string; days: number }) => void,
  ) {
    this.#node = node;
    this.#warn = warn;
  }

  async look(): Promise<void> {
    const now = this.#node.clock.now();
    for (const expiry of expiriesOf(this.#node, await rulesOf(this.#node), now)) {
      const near = urgency(expiry, now);
      const { what, name, at } = expiry;
      const key = JSON.stringify([what, name, at]);
      const days = Math.floor(daysLeft(expiry, now));
      if (near === undefined || near >= (this.#told.get(key) ?? Infinity)) continue;
      this.#told.set(key, near);
      // The log of a process is told again after a restart; others are not.
      const facts = { what, name, at: new Date(at).toISOString(), days };
      this.#node.events.record({ type: "expiry.near", facts }, now, `expiry ${near} ${key}`);
      this.#warn(expiryWords(expiry, now), { what, name, days });
    }
  }
}
