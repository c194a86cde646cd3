import { quoted } from "@halfroom/wire/words";
import { OperatorError } from "../errors.ts";
import { failureWords } from "../events/attempt.ts";
import { Deliverer, type Attempted } from "../events/deliver.ts";
import type { Delivery, DeliveryState, StoredEvent } from "../events/events.ts";
import { wordsOf, type EventType } from "../events/kinds.ts";
import { targetsOf, type Target } from "../events/targets.ts";
import type { NodeState } from "../node-state.ts";
import { findReport } from "./reports.ts";
import type { Page } from "../store/page.ts";
import { withState, type HalfroomNode } from "./node.ts";

export interface EventRecord {
  readonly id: string;
  readonly type: EventType;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  /** One sentence without its full stop. */
  readonly words: string;
  /** Empty until a serving node has looked at it, and where no target is to be told. */
  readonly deliveries: readonly DeliveryRecord[];
}

export type DeliveryRecord = Omit<Delivery, "event">;

export interface TargetRecord extends Pick<Target, "name" | "kind" | "place" | "events"> {
  /** Events that it has not been told of though it was tried. */
  readonly late: number;
  readonly failed: number;
}

export interface EventQuestion extends Page {
  /** Those of which a delivery is in this state. */
  readonly state?: DeliveryState | undefined;
}

/** What has happened, newest first: all, or a page. Rejects with OperatorError `no-session`, if `before` is none. */
export async function listEvents(
  node: HalfroomNode,
  { state, ...page }: EventQuestion = {},
): Promise<EventRecord[]> {
  return await withState(node, ({ events }) =>
    events.list(page, state).map((event) => recordOf(event, events.deliveriesOf(event.id))),
  );
}

function recordOf(event: StoredEvent, deliveries: readonly Delivery[]): EventRecord {
  const { id, type, at, facts } = event;
  return {
    id,
    type,
    at,
    facts: { ...facts },
    words: wordsOf(event).words,
    deliveries: deliveries.map(({ event: _event, ...rest }) => rest),
  };
}

/** Who is told, by name. */
export async function listTargets(node: HalfroomNode): Promise<TargetRecord[]> {
  return await withState(node, (state) => {
    const open = new Map(state.events.undelivered().map(({ target, ...counts }) => [target, counts]));
    return [...targetsOf(state).values()].map(({ name, kind, place, events }) => {
      return { name, kind, place, events, ...(open.get(name) ?? { late: 0, failed: 0 }) };
    });
  });
}

export interface TestedTarget {
  readonly target: string;
  readonly event: string;
  /** Why it failed; absent if it was delivered. */
  readonly failure?: string;
}

/** Sends an event of the type `test` to a target at once, once. Rejects with OperatorError `no-event` if there is no such target. */
export async function testTarget(node: HalfroomNode, name: string): Promise<TestedTarget> {
  return await withState(node, async (state) => {
    const target = targetsOf(state).get(name);
    if (target === undefined) throw noTarget(name);
    const { events, clock } = state;
    // Nobody else is told of it, and this one at once.
    const id = events.recordFor({ type: "test", facts: { target: name } }, name, clock.now());
    return await tellNow(state, target, id);
  });
}

/** Makes a delivery that was begun. */
async function tellNow({ events, clock }: NodeState, target: Target, event: string): Promise<TestedTarget> {
  const delivery = { event, target: target.name };
  try {
    await target.send(events.get(event), clock.now());
    events.settle(delivery, { state: "delivered", at: clock.now(), words: "" });
    return delivery;
  } catch (error) {
    const failure = failureWords(error);
    events.settle(delivery, { state: "failed", at: clock.now(), words: failure });
    return { ...delivery, failure };
  }
}

/**
 * Writes a stored report to a sink at once, over what is there of it. `id` as for `readReport`. Rejects with OperatorError `no-report`, `no-event` if
 * there is no such sink, `delivery` with why it failed.
 */
export async function sendReport(
  node: HalfroomNode,
  id: string,
  sink: string,
): Promise<{ readonly session: string }> {
  return await withState(node, async (state) => {
    const { session, partner } = findReport(state, id);
    const target = targetsOf(state).get(sink);
    if (target === undefined || !Object.hasOwn(state.settings.sinks, sink)) throw noTarget(sink);
    const { events, clock } = state;
    const facts = { id: state.sessions.ofSession(session)?.id ?? "", partner, session, stored: true };
    const known = events.doneOf(session);
    if (known !== undefined) events.begin(known, sink, clock.now());
    const event = known ?? events.recordFor({ type: "session.done", facts }, sink, clock.now());
    const { failure } = await tellNow(state, target, event);
    if (failure !== undefined)
      throw new OperatorError("delivery", `The report was not written to ${sink}: ${failure}.`);
    return { session };
  });
}

/**
 * Has what was not delivered tried anew, by the node that serves: all of it, of one event, or to one target. Returns how many deliveries.
 * Rejects with OperatorError `no-event`.
 */
export async function retryEvents(
  node: HalfroomNode,
  { event, target }: { readonly event?: string | undefined; readonly target?: string | undefined } = {},
): Promise<{ readonly retried: number }> {
  return await withState(node, (state) => {
    if (event !== undefined) state.events.get(event);
    if (target !== undefined && !targetsOf(state).has(target)) throw noTarget(target);
    return { retried: state.events.retry({ event, target }, state.clock.now()) };
  });
}

/** Delivers what is due now, once: for a node that does not serve. */
export async function deliverEvents(node: HalfroomNode): Promise<Attempted[]> {
  return await withState(node, async (state) => {
    const attempts: Attempted[] = [];
    const deliverer = new Deliverer(state, (attempted) => attempts.push(attempted));
    deliverer.look();
    await deliverer.idle();
    return attempts;
  });
}

function noTarget(name: string): OperatorError {
  return new OperatorError(
    "no-event",
    `There is no target ${quoted(name)}: \`webhooks\`, \`mail_to\` and \`sinks\` in config.yaml name them.`,
  );
}
