// The flags and help of `invite`, `join` and `partners`.
import type { Argv } from "yargs";
import { wholeNumber } from "../../flags.ts";
import { home, id, json, name, text } from "./common-flags.ts";

const HOURS_MAX = 720;

const partners = () => import("./partners.ts");

export function registerPartners(cli: Argv): Argv {
  return cli
    .command(
      "invite",
      "Print a token with which one partner can join.",
      (command) =>
        command.options({
          home,
          name: { ...name, describe: "what this side will call the partner" },
          hours: { ...text, default: "24", describe: "hours until the token expires" },
        }),
      async (flags) =>
        (await partners()).inviteCommand({
          ...flags,
          hours: wholeNumber("hours", flags.hours, 1, HOURS_MAX),
        }),
    )
    .command(
      "join [token]",
      "Connect to the node that printed the token; each pins the other.",
      (command) =>
        command
          .positional("token", {
            type: "string",
            describe: "the token itself; other accounts can read it in the list of processes",
          })
          .options({
            home,
            name: { ...name, describe: "what this side will call the partner" },
            "token-file": { ...text, describe: "file with the token; - for standard input" },
          }),
      async (flags) => (await partners()).joinCommand(flags),
    )
    .command("partners", "The pinned partners.", (command) =>
      command
        .command(
          "$0",
          "List the partners.",
          (sub) => sub.options({ home, json }),
          async (flags) => (await partners()).partnersCommand(flags),
        )
        .command(
          "confirm <name> <fingerprint>",
          "Let a partner use another identity, once its people have said that the fingerprint is theirs.",
          (sub) => sub.positional("name", id).positional("fingerprint", id).options({ home }),
          async (flags) => (await partners()).partnerConfirmCommand(flags),
        )
        .command(
          "remove <name>",
          "Unpin a partner.",
          (sub) => sub.positional("name", id).options({ home }),
          async (flags) => (await partners()).partnerRemoveCommand(flags),
        )
        .command(
          "move <name> <address>",
          "Change the address at which a partner answers.",
          (sub) => sub.positional("name", id).positional("address", id).options({ home }),
          async (flags) => (await partners()).partnerMoveCommand(flags),
        ),
    );
}
