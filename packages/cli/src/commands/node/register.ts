// The commands of a node, their flags and help. Each command's code is loaded when it runs.
import type { Argv } from "yargs";
import { home, id, json, list, name, text } from "./common-flags.ts";
import { limitOf, page } from "./page-flags.ts";
import { registerAudit } from "./register-audit.ts";
import { registerBackup } from "./register-backup.ts";
import { registerCluster } from "./register-cluster.ts";
import { registerDatasets } from "./register-dataset.ts";
import { registerEvents } from "./register-events.ts";
import { registerHttpApi } from "./register-http-api.ts";
import { registerPartners } from "./register-partners.ts";
import { registerRotate } from "./register-rotate.ts";
import { registerSeries } from "./register-series.ts";
import { registerSubject } from "./register-subject.ts";
import { registerTemplates } from "./register-templates.ts";

const csv = { type: "boolean", default: false, describe: "print CSV" } as const;
const out = { ...text, describe: "write to this file instead" } as const;

const optOutFlags = {
  home,
  match: { ...list, describe: "KEY=COLUMN, if the file's columns are not named after the keys; repeatable" },
  hashed: { type: "boolean", default: false, describe: "the file holds SHA-256 digests" },
} as const;

const policies = () => import("./policy.ts");
const records = () => import("./records.ts");
const sessions = () => import("./sessions.ts");

export function registerNodeCommands(cli: Argv): Argv {
  const withSetup = registerCluster(registerHttpApi(registerSetup(cli)));
  const withRecords = registerEvents(
    registerAudit(registerRecords(registerReports(registerPartners(withSetup)))),
  );
  return registerTemplates(registerSeries(registerRotate(registerSubject(registerBackup(withRecords)))));
}

function registerSetup(cli: Argv): Argv {
  return cli
    .command(
      "init",
      "Create this site's node: its folder, keys and settings.",
      (command) =>
        command.options({
          home,
          "if-missing": {
            type: "boolean",
            default: false,
            describe: "do nothing where the folder holds a node already",
          },
        }),
      async (flags) => (await import("./init.ts")).initCommand(flags),
    )
    .command("dataset", "This node's datasets.", registerDatasets)
    .command("policy", "What partners may do.", (command) =>
      command
        .command(
          "add <file>",
          "Add or replace policies, written in YAML.",
          (sub) => sub.positional("file", id).options({ home, json }),
          async (flags) => (await policies()).policyAddCommand(flags),
        )
        .command(
          "list",
          "List the policies.",
          (sub) => sub.options({ home, json }),
          async (flags) => (await policies()).policyListCommand(flags),
        )
        .command(
          "show <partner> <dataset>",
          "Show all fields of a policy, defaults included.",
          (sub) => sub.positional("partner", id).positional("dataset", id).options({ home, json }),
          async (flags) => (await policies()).policyShowCommand(flags),
        )
        .command(
          "remove <partner> <dataset>",
          "Take a policy out of the settings.",
          (sub) => sub.positional("partner", id).positional("dataset", id).options({ home }),
          async (flags) => (await policies()).policyRemoveCommand(flags),
        )
        .demandCommand(1, 1, "Name a command: add, list, show or remove.", "Name one command only."),
    )
    .command("suppress", "People who opted out.", (command) =>
      command
        .command(
          "add <file>",
          "Leave the people of a CSV, NDJSON or Parquet file out of every session.",
          (sub) => sub.positional("file", id).options(optOutFlags),
          async (flags) => (await import("./suppress.ts")).suppressAddCommand(flags),
        )
        .command(
          "list",
          "Say how much is on the list, and since when.",
          (sub) => sub.options({ home, json }),
          async (flags) => (await import("./suppress.ts")).suppressListCommand(flags),
        )
        .command(
          "remove <file>",
          "Take the people of a file off the list again.",
          (sub) => sub.positional("file", id).options(optOutFlags),
          async (flags) => (await import("./suppress.ts")).suppressRemoveCommand(flags),
        )
        .demandCommand(1, 1, "Name a command: add, list or remove.", "Name one command only."),
    )
    .command(
      "serve",
      "Answer partners, and the HTTP API, until stopped.",
      (command) => command.options({ home }),
      async (flags) => (await import("./serve.ts")).serveCommand(flags),
    )
    .command(
      "doctor",
      "Look for problems that would keep this node from working.",
      (command) => command.options({ home, json }),
      async (flags) => (await import("./doctor.ts")).doctorCommand(flags),
    );
}

const OF_TEMPLATE = "Instead of a file:";
const previewFlags = {
  home,
  with: {
    ...text,
    describe: "the partner; must be the one that the file names, or who has published the template",
  },
  template: { ...text, group: OF_TEMPLATE, describe: "a template that a partner has published, by its name" },
  set: {
    ...list,
    group: OF_TEMPLATE,
    describe: "NAME=VALUE, a parameter of the template; repeatable, also for the columns of one parameter",
  },
  where: {
    ...text,
    group: OF_TEMPLATE,
    describe: "only these of our own rows: an expression; parameters stand in it as $name",
  },
  sink: { ...text, group: OF_TEMPLATE, describe: "one of our sinks, for the report" },
  json,
} as const;
const runFlags = {
  ...previewFlags,
  progress: { ...text, choices: ["auto", "json", "none"], default: "auto", describe: "progress on stderr" },
} as const;

function registerReports(cli: Argv): Argv {
  const file = { type: "string", describe: "the report request (YAML)" } as const;
  return cli
    .command(
      "run [file]",
      "Propose a report, wait for the answer, run it.",
      (command) =>
        command.positional("file", file).options({
          ...runFlags,
          "dry-run": { type: "boolean", default: false, describe: "check the request and stop" },
          anyway: {
            type: "boolean",
            default: false,
            describe:
              "go on although more rows cannot be used, or more people lie outside of bounds, than settings allow",
          },
        }),
      async (flags) => (await import("./run.ts")).runCommand(flags),
    )
    .command(
      "preview [file]",
      "Show what each side would learn, and what would come of the report if it ran now; no data moves.",
      (command) => command.positional("file", file).options(previewFlags),
      async (flags) => (await import("./run.ts")).previewCommand(flags),
    )
    .command(
      "sessions",
      "List the sessions, and what each waiting one would reveal.",
      (command) => command.options({ home, json, ...page }),
      async (flags) => (await sessions()).sessionsCommand({ ...flags, limit: limitOf(flags.limit) }),
    )
    .command(
      "approve <id>",
      "Let the partner run a waiting proposal.",
      (command) => command.positional("id", id).options({ home }),
      async (flags) => (await sessions()).approveCommand(flags),
    )
    .command(
      "cancel <id>",
      "Give up a proposal of ours that waits.",
      (command) => command.positional("id", id).options({ home }),
      async (flags) => (await sessions()).cancelCommand(flags),
    )
    .command(
      "complete <id>",
      "Ask the partner for the receipt of a session whose last messages were lost.",
      (command) => command.positional("id", id).options({ home }),
      async (flags) => (await sessions()).completeCommand(flags),
    )
    .command(
      "deny <id>",
      "Refuse a waiting proposal.",
      (command) =>
        command
          .positional("id", id)
          .options({ home, reason: { ...name, describe: "the reason that the partner is told" } }),
      async (flags) => (await sessions()).denyCommand(flags),
    );
}

function registerRecords(cli: Argv): Argv {
  return cli
    .command("reports", "The stored reports.", (command) =>
      command
        .command(
          "$0",
          "List the stored reports, and where they were sent.",
          (sub) => sub.options({ home, json, ...page }),
          async (flags) =>
            (await import("./reports.ts")).reportsCommand({ ...flags, limit: limitOf(flags.limit) }),
        )
        .command(
          "send <id>",
          "Write a stored report to one of the sinks in the settings, over what is there of it.",
          (sub) => sub.positional("id", id).options({ home, to: { ...name, describe: "the sink" } }),
          async (flags) => (await import("./reports.ts")).reportsSendCommand(flags),
        ),
    )
    .command(
      "report <id>",
      "Print a stored report, or write it to a file.",
      (command) =>
        command.positional("id", id).options({
          home,
          json,
          csv,
          "csv-long": { type: "boolean", default: false, describe: "print CSV with one number a line" },
          html: { type: "boolean", default: false, describe: "print one HTML page that needs no network" },
          statement: {
            type: "boolean",
            default: false,
            describe: "print a statement for a legal team's files, of a report under `rules: pair`",
          },
          out,
        }),
      async (flags) => {
        const { REPORT_FORMS, reportCommand } = await import("./reports.ts");
        await reportCommand({ ...flags, forms: REPORT_FORMS.filter((form) => flags[form]) });
      },
    )
    .command(
      "activate <id>",
      "Rank our own cohorts by the index of a stored report, and choose which to address.",
      (command) =>
        command.positional("id", id).options({
          home,
          top: { ...text, describe: "rule: the first N cohorts" },
          "index-over": {
            ...text,
            describe: "rule: every cohort with a higher index; 120 if no rule is given",
          },
          surely: {
            type: "boolean",
            default: false,
            describe: "with --index-over: the low end of the interval must be higher",
          },
          people: { ...text, describe: "rule: cohorts from the top until they hold N of our people" },
          partition: { ...text, describe: "which partition of the report, from 1" },
          category: { ...list, describe: "a label for each of the partner's columns, in order; repeatable" },
          json,
          csv,
          out,
        }),
      async (flags) => (await import("./activate.ts")).activateCommand(flags),
    )
    .command(
      "ledger",
      "What each partner has spent.",
      (command) => command.options({ home, json, ...page }),
      async (flags) => (await records()).ledgerCommand({ ...flags, limit: limitOf(flags.limit) }),
    );
}
