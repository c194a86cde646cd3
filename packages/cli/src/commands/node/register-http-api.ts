// `halfroom console`, `halfroom user ...` and `halfroom token ...`: flags and help. Each command's code is loaded when it runs.
import { ROLES } from "@halfroom/console/roles";
import type { Argv } from "yargs";
import { home, id, json, text } from "./common-flags.ts";

const token = () => import("./token.ts");
const user = () => import("./user.ts");

const role = { ...text, choices: ROLES, demandOption: true } as const;
const passwordFlags = {
  "password-file": { ...text, describe: "file with the password; - for standard input [default: asks]" },
  totp: {
    type: "boolean",
    default: false,
    describe: "make a secret for one-time codes, and print it this once",
  },
} as const;

export function registerHttpApi(cli: Argv): Argv {
  return cli
    .command(
      "console",
      "Offer the HTTP API until stopped, without answering partners.",
      (command) => command.options({ home }),
      async (flags) => (await import("./http-api.ts")).httpApiCommand(flags),
    )
    .command("user", "People who sign in to the console with a password.", registerUsers)
    .command("token", "Tokens for the HTTP API.", (command) =>
      command
        .command(
          "create",
          "Make a token, and print it this once.",
          (sub) =>
            sub.options({
              home,
              role: { ...role, describe: "what its holder may do" },
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

function registerUsers(command: Argv): Argv {
  return command
    .command(
      "add <name>",
      "Let somebody sign in.",
      (sub) =>
        sub
          .positional("name", id)
          .options({ home, role: { ...role, describe: "what they may do" }, ...passwordFlags, json }),
      async (flags) => (await user()).userAddCommand(flags),
    )
    .command(
      "list",
      "List the users.",
      (sub) => sub.options({ home, json }),
      async (flags) => (await user()).userListCommand(flags),
    )
    .command(
      "role <name>",
      "Give a user another role.",
      (sub) => sub.positional("name", id).options({ home, role: { ...role, describe: "what they may do" } }),
      async (flags) => (await user()).userRoleCommand(flags),
    )
    .command(
      "reset <name>",
      "Give a user another password.",
      (sub) => sub.positional("name", id).options({ home, ...passwordFlags, json }),
      async (flags) => (await user()).userResetCommand(flags),
    )
    .command(
      "remove <name>",
      "Let a user in no more.",
      (sub) => sub.positional("name", id).options({ home }),
      async (flags) => (await user()).userRemoveCommand(flags),
    )
    .demandCommand(1, 1, "Name a command: add, list, role, reset or remove.", "Name one command only.");
}
