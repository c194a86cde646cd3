// The flags and help of `backup` and `restore`.
import type { Argv, Options } from "yargs";
import { home, json, text } from "./common-flags.ts";

const common = {
  home,
  "passphrase-file": {
    ...text,
    describe: "file with the passphrase; - for standard input [default: asked for at a terminal]",
  },
  json,
  progress: { ...text, choices: ["auto", "json", "none"], default: "auto", describe: "progress on stderr" },
} as const satisfies Record<string, Options>;

export function registerBackup(cli: Argv): Argv {
  return cli
    .command(
      "backup [file]",
      "Write an encrypted backup of this node, which may serve meanwhile; or keep the head of its audit log elsewhere.",
      (command) =>
        command.positional("file", { type: "string", describe: "the new file" }).options({
          ...common,
          recipient: {
            ...text,
            array: true,
            default: [] as string[],
            defaultDescription: "none",
            describe: "a public key of age (age1...) whose owner can open it; repeatable",
          },
          heads: { ...text, describe: "make no backup, and append the head of the audit log to this file" },
        }),
      async (flags) => (await import("./backup.ts")).backupCommand(flags),
    )
    .command(
      "restore <file>",
      "Put the node of a backup into a new folder.",
      (command) =>
        command.positional("file", { type: "string", demandOption: true }).options({
          ...common,
          identity: {
            ...text,
            describe: "file with the secret key of age (AGE-SECRET-KEY-1...) that opens it",
          },
          heads: {
            ...text,
            describe: "file to which `backup --heads` appended: proves what was spent after the backup",
          },
        }),
      async (flags) => (await import("./backup.ts")).restoreCommand(flags),
    );
}
