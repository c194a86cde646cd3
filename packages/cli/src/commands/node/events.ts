// What happened, and who was told of it.
import {
  deliverEvents,
  listEvents,
  listTargets,
  OperatorError,
  retryEvents,
  testTarget,
  type DeliveryRecord,
} from "@halfroom/node";
import { drawList } from "@halfroom/report";
import { badInput } from "../../failure.ts";
import { moment } from "../../moment.ts";
import { say, sayJson } from "../../print.ts";
import { withNode, type HomeFlags } from "./folder.ts";
import { tellOlder, type PageFlags } from "./pages.ts";

type JsonFlags = HomeFlags & { readonly json: boolean };

export async function eventsCommand(
  flags: JsonFlags & PageFlags & { readonly waiting: boolean; readonly failed: boolean },
): Promise<void> {
  const { waiting, failed, limit, before } = flags;
  if (waiting && failed) throw badInput("Give one of them: --waiting or --failed.");
  const state = waiting ? "waiting" : failed ? "failed" : undefined;
  const events = await withNode(flags, (node) => listEvents(node, { limit, before, state }));
  if (flags.json) return sayJson(events);
  if (events.length === 0)
    return say(state === undefined ? "Nothing has happened yet." : `Nothing is ${state}.`);
  const rows = events.map(({ id, at, words, deliveries }) => [
    id,
    moment(at),
    words,
    deliveries.map(deliveryText).join("; ") || "-",
  ]);
  say(drawList(["event", "at (UTC)", "what", "told"], rows));
  tellOlder(flags, events.length, events.at(-1)?.id);
}

function deliveryText({ target, state, attempts, at, words }: DeliveryRecord): string {
  if (state === "delivered") return target;
  if (state === "failed") return `${target} not: ${words}`;
  return attempts === 0 ? `${target} soon` : `${target} again at ${moment(at)}: ${words}`;
}

export async function targetsCommand(flags: JsonFlags): Promise<void> {
  const targets = await withNode(flags, listTargets);
  if (flags.json) return sayJson(targets);
  if (targets.length === 0)
    return say("Nobody is told: `webhooks` and `mail_to` in config.yaml name who is to be.");
  const rows = targets.map(({ name, kind, place, events, late, failed }) => [
    name,
    kind,
    place,
    events.join(", "),
    String(late),
    String(failed),
  ]);
  say(drawList(["target", "kind", "where", "events", "late", "failed"], rows));
}

export async function testCommand({ name, ...flags }: JsonFlags & { readonly name: string }): Promise<void> {
  const tested = await withNode(flags, (node) => testTarget(node, name));
  if (flags.json) sayJson(tested);
  const { failure, event } = tested;
  if (failure !== undefined)
    throw new OperatorError("delivery", `${name} was not told: ${failure}. Event ${event}.`);
  if (!flags.json) say(`${name} was told: event ${event}.`);
}

export async function retryCommand({
  event,
  to,
  ...flags
}: JsonFlags & { readonly event?: string | undefined; readonly to?: string | undefined }): Promise<void> {
  const { retried } = await withNode(flags, (node) => retryEvents(node, { event, target: to }));
  if (flags.json) return sayJson({ retried });
  say(
    retried === 0
      ? "Nothing waits or has failed."
      : `${retried} to be delivered anew, by \`serve\` within seconds, or by: halfroom events deliver`,
  );
}

export async function deliverCommand(flags: JsonFlags): Promise<void> {
  const attempts = await withNode(flags, deliverEvents);
  if (flags.json) return sayJson(attempts);
  if (attempts.length === 0) return say("Nothing was due.");
  for (const { event, target, outcome, words, at } of attempts) {
    const failed = outcome === "again" ? `again at ${moment(at)}: ${words}` : `given up: ${words}`;
    say(`${event} to ${target}: ${outcome === "delivered" ? "delivered" : failed}`);
  }
}
