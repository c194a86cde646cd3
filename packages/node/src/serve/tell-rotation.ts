// A rotation that was begun and has not come to its end, in the log of a serving node and in its metrics.
import { Gauge, type Registry } from "prom-client";
import type { NodeState } from "../node-state.ts";
import { begunRotation, begunWords, type BegunRotation } from "../rotation/begun.ts";
import { DAY_MS } from "../time.ts";

type Rotating = Pick<NodeState, "own" | "clock">;

/** Adds how many days ago a rotation was begun that has not come to its end. */
export function rotationMetrics(registry: Registry, node: Rotating): void {
  new Gauge({
    name: "halfroom_rotation_days",
    help: "Days since a rotation was begun that waits to be brought to its end, by what is replaced.",
    labelNames: ["what"] as const,
    registers: [registry],
    collect() {
      this.reset();
      const begun = begunRotation(node);
      if (begun !== undefined) this.set({ what: begun.part }, (node.clock.now() - begun.since) / DAY_MS);
    },
  });
}

/** Tells of it once a day. */
export class RotationLog {
  readonly #node: Rotating;
  readonly #warn: (words: string, fields: Pick<BegunRotation, "part" | "fingerprint">) => void;
  #told: { readonly fingerprint: string; readonly at: number } | undefined;

  constructor(
    node: Rotating,
    warn: (words: string, fields: Pick<BegunRotation, "part" | "fingerprint">) => void,
  ) {
    this.#node = node;
    this.#warn = warn;
  }

  look(): void {
    const begun = begunRotation(this.#node);
    if (begun === undefined) return;
    const { part, fingerprint } = begun;
    const now = this.#node.clock.now();
    const told = this.#told;
    if (told?.fingerprint === fingerprint && now - told.at < DAY_MS) return;
    this.#told = { fingerprint, at: now };
    this.#warn(begunWords(begun), { part, fingerprint });
  }
}
