// Delivering what the outbox holds: a serving node does it all the time, `halfroom events deliver` once.
import { ignored, detached } from "@halfroom/wire";
import type { NodeState } from "../node-state.ts";
import { DAY_MS, HOUR_MS } from "../time.ts";
import { ATTEMPT_MS, failureWords, Undelivered } from "./attempt.ts";
import type { Delivery } from "./events.ts";
import { targetsOf, type Target } from "./targets.ts";

const MINUTE_MS = 60_000;
/** When the next attempt comes after each that failed, as Standard Webhooks proposes: ten attempts within some three days. */
export const AGAIN_MS: readonly number[] = [
  5000,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  DAY_MS,
];
/** Whoever died with a delivery in its hands has it tried again after so long. */
const CLAIM_MS = 4 * ATTEMPT_MS;
/** Most deliveries to one target in one go, so that what is asked to end does so soon. */
const AT_ONCE = 50;

export type Outcome = "delivered" | "again" | "failed";

/** What came of one attempt. */
export interface Attempted extends Delivery {
  readonly outcome: Outcome;
}

export class Deliverer {
  readonly #node: NodeState;
  readonly #onAttempt: (attempted: Attempted) => void;
  readonly #targets: ReadonlyMap<string, Target>;
  /** By target; each goes its own pace. */
  readonly #working = new Map<string, Promise<void>>();
  #isEnding = false;

  constructor(node: NodeState, onAttempt: (attempted: Attempted) => void) {
    this.#node = node;
    this.#onAttempt = onAttempt;
    this.#targets = targetsOf(node);
    const { events, clock } = node;
    if (!node.store.isReadOnly) events.giveUp([...this.#targets.keys()], clock.now());
  }

  /** Makes deliveries of what has happened, and begins those that are due; they go on after this returns. */
  look(): void {
    const { events, clock } = this.#node;
    const wanting = [...this.#targets.values()];
    const namesFor: Parameters<typeof events.route>[0] = (event) =>
      wanting.filter((target) => target.wants(event)).map(({ name }) => name);
    while (events.route(namesFor, clock.now()) > 0);
    for (const target of wanting) {
      if (this.#working.has(target.name)) continue;
      const work = this.#deliver(target).finally(() => this.#working.delete(target.name));
      this.#working.set(target.name, work);
      detached(() => work, ignored);
    }
  }

  /** Resolves when what was begun is over; nothing more is begun then. */
  async end(): Promise<void> {
    this.#isEnding = true;
    await this.idle();
  }

  /** Resolves when what was begun is over. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#working.values());
  }

  async #deliver(target: Target): Promise<void> {
    for (let i = 0; i < AT_ONCE && !this.#isEnding; i++) {
      const now = this.#node.clock.now();
      const claimed = this.#node.events.claim(target.name, now, now + CLAIM_MS);
      if (claimed === undefined) return;
      const { of: event, ...delivery } = claimed;
      const failure = await target.send(event, now).then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      const outcome = this.#settle(delivery, failure);
      // A target that does not answer is left alone for a while.
      if (outcome !== "delivered") return;
    }
  }

  #settle(delivery: Delivery, failure: { readonly error: unknown } | undefined): Outcome {
    const { events, clock } = this.#node;
    const now = clock.now();
    const end = endOf(delivery.attempts, failure, now);
    events.settle(delivery, end);
    const outcome = end.state === "waiting" ? "again" : end.state;
    if (outcome === "failed") tellUnsent(this.#node, delivery, now);
    this.#onAttempt({ ...delivery, ...end, outcome });
    return outcome;
  }
}

/** A report that a sink lacks is told of by other ways. */
function tellUnsent({ settings, events }: NodeState, { event, target: sink }: Delivery, now: number): void {
  const { type, facts } = events.get(event);
  if (type !== "session.done" || !Object.hasOwn(settings.sinks, sink)) return;
  const { id, partner, session } = facts;
  events.record(
    { type: "report.unsent", facts: { id, partner, session, sink } },
    now,
    `unsent ${event} ${sink}`,
  );
}

function endOf(
  attempts: number,
  failure: { readonly error: unknown } | undefined,
  now: number,
): Pick<Delivery, "state" | "at" | "words"> {
  if (failure === undefined) return { state: "delivered", at: now, words: "" };
  const { error } = failure;
  const words = failureWords(error);
  const againMs = AGAIN_MS[attempts - 1];
  const isFinal = againMs === undefined || (error instanceof Undelivered && error.isFinal);
  return isFinal ? { state: "failed", at: now, words } : { state: "waiting", at: now + againMs, words };
}
