// Who is told of what: the targets that the settings name. What it takes to tell them is loaded when somebody is told.
import type { NodeState } from "../node-state.ts";
import type { StoredEvent } from "./events.ts";
import type { SinkKind } from "../sinks/settings.ts";
import { sinkTarget } from "../sinks/target.ts";
import type { EventType } from "./kinds.ts";

export interface Target {
  readonly name: string;
  readonly kind: "webhook" | "mail" | SinkKind;
  /** Where it leads, without what a URL may hold of secrets. */
  readonly place: string;
  readonly events: readonly EventType[];
  wants(event: StoredEvent): boolean;
  /** Looks at what it needs on this machine. Errors: `settings`, `open-to-others`, `folder`. */
  check(): Promise<void>;
  /** One attempt, at `now` in milliseconds since 1970. Rejects with why it failed: `failureWords` has words for it. */
  send(event: StoredEvent, now: number): Promise<void>;
}

type Telling = Pick<NodeState, "folder" | "scratch" | "settings" | "reports" | "askedSinks">;

/** By name. */
export function targetsOf(node: Telling): ReadonlyMap<string, Target> {
  const { webhooks, mail_to: mails, mail_password: password, sinks } = node.settings;
  const wanting = (events: readonly EventType[]) => ({
    events,
    wants: ({ type }: StoredEvent) => events.includes(type),
  });
  const targets: Target[] = [
    ...Object.entries(webhooks).map(([name, webhook]): Target => {
      const place = new URL(webhook.url).host;
      const send = async (event: StoredEvent, now: number) =>
        await (await import("./webhook.ts")).sendWebhook(node, webhook, event, now);
      const check = async () => {
        await (await import("./secrets.ts")).webhookSigners(node.folder, webhook.secret);
      };
      return { name, kind: "webhook", place, ...wanting(webhook.events), check, send };
    }),
    ...Object.entries(sinks).map(([name, sink]) => sinkTarget(node, name, sink)),
    ...Object.entries(mails).map(([name, mail]): Target => {
      const send = async (event: StoredEvent) =>
        await (await import("./mail.ts")).sendMail(node, mail, event);
      const place = mail.addresses.join(", ");
      const check = async () => {
        if (password !== "") await (await import("./secrets.ts")).passwordIn(node.folder, password);
      };
      return { name, kind: "mail", place, ...wanting(mail.events), check, send };
    }),
  ];
  return new Map(targets.map((target) => [target.name, target]));
}
