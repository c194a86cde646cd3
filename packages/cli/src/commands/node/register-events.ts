// The flags and help of `events`.
import type { Argv } from "yargs";
import { home, id, json, text } from "./common-flags.ts";
import { limitOf, page } from "./page-flags.ts";

const events = () => import("./events.ts");

export function registerEvents(cli: Argv): Argv {
  return cli.command("events", "What happened, and who was told of it.", (command) =>
    command
      .command(
        "$0",
        "List what happened, and who was told of it.",
        (sub) =>
          sub.options({
            home,
            waiting: { type: "boolean", default: false, describe: "what is still to be delivered" },
            failed: { type: "boolean", default: false, describe: "what was given up" },
            json,
            ...page,
          }),
        async (flags) => (await events()).eventsCommand({ ...flags, limit: limitOf(flags.limit) }),
      )
      .command(
        "targets",
        "List who is told, and of what.",
        (sub) => sub.options({ home, json }),
        async (flags) => (await events()).targetsCommand(flags),
      )
      .command(
        "test <name>",
        "Send an event that says that nothing happened to one target, at once.",
        (sub) => sub.positional("name", id).options({ home, json }),
        async (flags) => (await events()).testCommand(flags),
      )
      .command(
        "retry [event]",
        "Have what was not delivered tried anew: all of it, or of one event.",
        (sub) =>
          sub
            .positional("event", { type: "string", describe: "its id, as `events` lists it" })
            .options({ home, to: { ...text, describe: "to this target alone" }, json }),
        async (flags) => (await events()).retryCommand(flags),
      )
      .command(
        "deliver",
        "Deliver what is due now, once, where no `serve` does.",
        (sub) => sub.options({ home, json }),
        async (flags) => (await events()).deliverCommand(flags),
      ),
  );
}
