// The flags and help of `templates`.
import type { Argv } from "yargs";
import { home, id, json, name, text } from "./common-flags.ts";

const templates = () => import("./templates.ts");
const out = { ...text, describe: "write to this file instead" } as const;
const which = { ...id, describe: "the template's name, or its id" } as const;
const partner = { ...text, describe: "the partner, where several have one of this name" } as const;
const file = { ...id, describe: "the template (YAML)" } as const;
const to = { ...name, describe: "the partner that may run it" } as const;

export function registerTemplates(cli: Argv): Argv {
  return cli.command("templates", "Reports that a partner may run within agreed ranges.", (command) =>
    command
      .command(
        "$0",
        "List the templates that hold, ours and those of partners.",
        (sub) =>
          sub.options({
            home,
            json,
            all: { type: "boolean", default: false, describe: "also those withdrawn or replaced" },
          }),
        async (flags) => (await templates()).templatesListCommand(flags),
      )
      .command(
        "show <which>",
        "Show a template, its parameters and what it allows.",
        (sub) => sub.positional("which", which).options({ home, json, partner }),
        async (flags) => (await templates()).templatesShowCommand(flags),
      )
      .command(
        "new [kind]",
        "Print a template to begin with; without a kind, list the kinds.",
        (sub) =>
          sub.positional("kind", { type: "string", describe: "one of those listed" }).options({ json, out }),
        async (flags) => (await templates()).templatesNewCommand(flags),
      )
      .command(
        "check <file>",
        "Say what publishing a template would allow; nothing is signed.",
        (sub) => sub.positional("file", file).options({ home, json, to }),
        async (flags) => (await templates()).templatesCheckCommand(flags),
      )
      .command(
        "publish <file>",
        "Let a partner run a template without asking; prints the signed file for it.",
        (sub) => sub.positional("file", file).options({ home, json, to, out }),
        async (flags) => (await templates()).templatesPublishCommand(flags),
      )
      .command(
        "approve <which>",
        "Approve a template that waits for another person; prints the signed file.",
        (sub) => sub.positional("which", which).options({ home, json, partner, out }),
        async (flags) => (await templates()).templatesApproveCommand(flags),
      )
      .command(
        "export <which>",
        "Print the signed file of a template of ours.",
        (sub) => sub.positional("which", which).options({ home, partner, out }),
        async (flags) => (await templates()).templatesExportCommand(flags),
      )
      .command(
        "withdraw <which>",
        "End a template of ours at once.",
        (sub) => sub.positional("which", which).options({ home, partner }),
        async (flags) => (await templates()).templatesWithdrawCommand(flags),
      )
      .command(
        "import <file>",
        "Take in a template that a partner has signed for this node.",
        (sub) => sub.positional("file", { ...id, describe: "the signed file" }).options({ home, json }),
        async (flags) => (await templates()).templatesImportCommand(flags),
      )
      .command(
        "remove <which>",
        "Forget a partner's template.",
        (sub) => sub.positional("which", which).options({ home, partner }),
        async (flags) => (await templates()).templatesRemoveCommand(flags),
      ),
  );
}
