// The flags and help of `recovery` and `audit`.
import type { Argv } from "yargs";
import { wholeNumber } from "../../flags.ts";
import { home, id, json, name, text } from "./common-flags.ts";
import { limitOf, page } from "./page-flags.ts";

const records = () => import("./records.ts");
const replay = () => import("./replay.ts");
const NUMBER_MAX = 1e15 - 1;

export function registerAudit(cli: Argv): Argv {
  return cli
    .command("recovery", "The key that opens what replays need.", (command) =>
      command
        .command(
          "new",
          "Make a recovery key: its private half into a file to keep offline, its public half into config.yaml.",
          (sub) => sub.options({ home, out: { ...name, describe: "the new private file" } }),
          async (flags) => (await replay()).recoveryNewCommand(flags),
        )
        .command(
          "make",
          "Make a recovery key on a machine that need not have a node, and print its public half.",
          (sub) => sub.options({ out: { ...name, describe: "the new private file" } }),
          async (flags) => (await replay()).recoveryMakeCommand(flags),
        )
        .command(
          "use <key>",
          "Seal what replays need to the public half of a recovery key that was made elsewhere.",
          (sub) => sub.positional("key", id).options({ home }),
          async (flags) => (await replay()).recoveryUseCommand(flags),
        )
        .demandCommand(1, 1, "Name a command: new, make or use.", "Name one command only."),
    )
    .command("audit", "The audit log, receipts and replays.", (command) =>
      command
        .command(
          "$0",
          "Print the log.",
          (sub) =>
            sub.options({ home, json, ...page, before: { ...text, describe: "entries before this number" } }),
          async ({ limit, before, ...flags }) => {
            const entry = before === undefined ? undefined : wholeNumber("before", before, 1, NUMBER_MAX);
            await (await records()).auditListCommand({ ...flags, limit: limitOf(limit), before: entry });
          },
        )
        .command(
          "verify",
          "Check that no entry was edited, removed or moved.",
          (sub) => sub.options({ home }),
          async (flags) => (await records()).auditVerifyCommand(flags),
        )
        .command(
          "correct-clock",
          "Go on from the system's time where the log was written by a clock that was ahead.",
          (sub) => sub.options({ home }),
          async (flags) => (await records()).correctClockCommand(flags),
        )
        .command(
          "receipt <id>",
          "Print the co-signed receipt of a session.",
          (sub) =>
            sub.positional("id", id).options({
              home,
              json: { ...json, describe: "as both sides keep it, to show to a third party" },
              openings: {
                type: "boolean",
                default: false,
                describe: "what opens our own commitments to data and filter, as JSON",
              },
              check: {
                type: "boolean",
                default: false,
                describe: "whether today's data and the stored report are what we committed to",
              },
            }),
          async (flags) => {
            const { RECEIPT_FORMS, receiptCommand } = await records();
            await receiptCommand({ ...flags, forms: RECEIPT_FORMS.filter((form) => flags[form]) });
          },
        )
        .command(
          "export <id>",
          "Write our half of a session to a file for an agreed auditor, never for the partner.",
          (sub) =>
            sub.positional("id", id).options({
              home,
              "recovery-key": { ...name, describe: "the file of the recovery key" },
              out: { ...name, describe: "the new private file" },
            }),
          async (flags) => (await replay()).auditExportCommand(flags),
        )
        .command(
          "replay <session>",
          "Compute a session again, and name the first message that no honest node would have sent.",
          (sub) =>
            sub
              .positional("session", {
                type: "string",
                demandOption: true,
                describe: "a session's id or hash, or a file that `audit export` wrote",
              })
              .options({
                home,
                json,
                "recovery-key": {
                  ...text,
                  describe: "the file of the recovery key, for a session of this node",
                },
                partner: { ...text, describe: "the file that the other side's `audit export` wrote" },
              }),
          async (flags) => (await replay()).auditReplayCommand(flags),
        ),
    );
}
