// `halfroom console`, `halfroom user ...` and `halfroom token ...`: flags and help. Each command's code is loaded when it runs.
import { ROLES } from "@halfroom/console/roles";
import type { Argv } from "yargs";
import { home, id, json, text } from "./common-flags.ts";

const token = () => import("./token.ts");
const user = () => import("./user.ts");
const ways = () => import("./ways.ts");

const role = { ...text, choices: ROLES, demandOption: true } as const;
const passwordFlags = {
  "password-file": { ...text, describe: "file with the password; - for standard input [default: asks]" },
  totp: {
    type: "boolean",
    default: false,
    describe: "make a secret for one-time codes, and print it this once",
  },
} as const;

const OPENID = "whom the identity provider names, as `user signed-in` shows it";
const wayFlags = {
  openid: { ...text, describe: OPENID },
  account: { ...text, describe: "an account of the system, by its number" },
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
    .command(
      "signed-in",
      "List who is signed in, and how.",
      (sub) => sub.options({ home, json }),
      async (flags) => (await ways()).signedInCommand(flags),
    )
    .command(
      "sign-out [name]",
      "End all sign-ins of one person.",
      (sub) =>
        sub
          .positional("name", { type: "string", describe: "a user of this node" })
          .options({ home, openid: { ...text, describe: OPENID } }),
      async (flags) => (await ways()).signOutCommand(flags),
    )
    .command(
      "link <name>",
      "Say that a user also acts in another way: where two people decide, both ways are one person.",
      (sub) => sub.positional("name", id).options({ home, ...wayFlags }),
      async (flags) => (await ways()).linkCommand(flags),
    )
    .command(
      "unlink",
      "Say that a way is somebody of their own again.",
      (sub) => sub.options({ home, ...wayFlags }),
      async (flags) => (await ways()).unlinkCommand(flags),
    )
    .command(
      "links",
      "List which ways belong to whom.",
      (sub) => sub.options({ home, json }),
      async (flags) => (await ways()).linksCommand(flags),
    )
    .demandCommand(1, 1, "Name a command: halfroom user --help lists them.", "Name one command only.");
}
