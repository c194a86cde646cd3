// `halfroom console` and `halfroom token ...`: flags and help. Each command's code is loaded when it runs.
import { ROLES } from "@halfroom/console/roles";
import type { Argv } from "yargs";
import { home, json, text } from "./common-flags.ts";

const token = () => import("./token.ts");

export function registerHttpApi(cli: Argv): Argv {
  return cli
    .command(
      "console",
      "Offer the HTTP API until stopped, without answering partners.",
      (command) => command.options({ home }),
      async (flags) => (await import("./http-api.ts")).httpApiCommand(flags),
    )
    .command("token", "Tokens for the HTTP API.", (command) =>
      command
        .command(
          "create",
          "Make a token, and print it this once.",
          (sub) =>
            sub.options({
              home,
              role: { ...text, choices: ROLES, demandOption: true, describe: "what its holder may do" },
              expires: {
                ...text,
                default: "90d",
                describe: "in how many days (90d) or hours (12h) it expires",
              },
              name: { ...text, describe: "what the audit log calls its holder [default: made up]" },
              json,
            }),
          async (flags) => (await token()).tokenCreateCommand(flags),
        )
        .command(
          "list",
          "List the tokens.",
          (sub) => sub.options({ home, json }),
          async (flags) => (await token()).tokenListCommand(flags),
        )
        .command(
          "revoke <name>",
          "Let nobody in with a token any more.",
          (sub) => sub.positional("name", { type: "string", demandOption: true }).options({ home }),
          async (flags) => (await token()).tokenRevokeCommand(flags),
        )
        .demandCommand(1, 1, "Name a command: create, list or revoke.", "Name one command only."),
    );
}
