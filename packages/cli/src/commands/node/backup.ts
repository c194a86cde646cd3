// `halfroom backup` and `halfroom restore`.
import { backup, restore, saveHead, type BackupProgress, type OnBackup } from "@halfroom/node";
import { group } from "@halfroom/report";
import { badInput } from "../../failure.ts";
import { moment } from "../../moment.ts";
import { say, sayJson, tell, tellJson } from "../../print.ts";
import { isTerminal, typedOnce, typedTwice } from "./ask-secret.ts";
import { withNode, type HomeFlags } from "./folder.ts";
import { textOf } from "./secret-file.ts";

interface ProgressFlags extends HomeFlags {
  readonly json: boolean;
  readonly progress: string;
  readonly "passphrase-file"?: string | undefined;
  readonly heads?: string | undefined;
}

export interface BackupFlags extends ProgressFlags {
  readonly file?: string | undefined;
  readonly recipient: readonly string[];
}

export async function backupCommand({ file, heads, ...flags }: BackupFlags): Promise<void> {
  if (file === undefined && heads !== undefined) return await headCommand(heads, flags);
  if (file === undefined || heads !== undefined)
    throw badInput("Give FILE for a backup, or --heads FILE for the head of the audit log alone.");
  const recipients = flags.recipient;
  const passphrase = await passphraseOf(flags, recipients.length > 0, "--recipient age1...", typedTwice);
  const keys = { passphrase, recipients };
  const made = await withNode(flags, (node) => backup(node, file, keys, progressOf(flags)));
  if (flags.json) return sayJson(made);
  say(`${made.file}: ${group(made.bytes)} bytes, with the audit log up to entry ${made.entries}.`);
  say("Without its passphrase or identity nobody can read it, you included: keep that elsewhere.");
}

async function headCommand(heads: string, flags: Omit<BackupFlags, "file" | "heads">): Promise<void> {
  const saved = await withNode(flags, (node) => saveHead(node, heads));
  if (flags.json) return sayJson(saved);
  say(`Entry ${saved.number} is the head of the audit log; ${heads} has it.`);
}

export interface RestoreFlags extends ProgressFlags {
  readonly file: string;
  readonly identity?: string | undefined;
}

export async function restoreCommand({ file, heads, ...flags }: RestoreFlags): Promise<void> {
  const { identity } = flags;
  const passphrase = await passphraseOf(flags, identity !== undefined, "--identity FILE", typedOnce);
  const identities = identity === undefined ? undefined : await textOf(identity, "identity");
  const keys = { passphrase, identities };
  const onProgress = progressOf(flags);
  const restored = await restore(file, { folder: flags.home, keys, heads, onProgress });
  if (flags.json) return sayJson(restored);
  say(`The node of ${moment(restored.createdAt)} UTC is in ${restored.folder}.`);
  say("Never let it run beside the one that it is a copy of.");
  if (restored.lost === "nothing") {
    const to = restored.provenTo === undefined ? "then" : `${moment(restored.provenTo)} UTC`;
    say(`It has spent nothing between its backup and ${to}: all that its ledger says is left is left.`);
  } else {
    say("What it spent after its backup is not known, and counts as all that there was:");
    say(
      "each partner waits for a period of its policies, and budgets for all time are used up (halfroom ledger).",
    );
  }
  if (restored.later !== undefined)
    say(
      `Its audit log had ${restored.later} entries more than the backup: what they changed is as it was before.`,
    );
  say("Partners, policies and people who opted out are those of the backup too: see docs/operate.md.");
}

/** Undefined where a public key is used instead. At a terminal, where neither is given, it is asked for. */
async function passphraseOf(
  flags: ProgressFlags,
  hasKey: boolean,
  keyFlag: string,
  asked: (what: "passphrase") => Promise<string>,
): Promise<string | undefined> {
  const file = flags["passphrase-file"];
  if (file === undefined && hasKey) return undefined;
  if (file === undefined && isTerminal()) return await asked("passphrase");
  if (file !== undefined && !hasKey) return await textOf(file, "passphrase");
  const all = `--passphrase-file FILE (- for standard input) or ${keyFlag}`;
  throw badInput(
    hasKey
      ? `Give ${all}, and not both.`
      : `Give ${all}, or type the command at a terminal, which asks for a passphrase.`,
  );
}

const SHOWN_MS = 1000;
const WORDS: Readonly<Record<BackupProgress["step"], string>> = {
  copy: "copying the store",
  encrypt: "encrypting",
  decrypt: "decrypting",
};

/** A line a second for what takes longer, on stderr. */
function progressOf({ progress }: ProgressFlags): OnBackup {
  let shownAt = performance.now();
  return (event) => {
    if (progress === "none" || performance.now() - shownAt < SHOWN_MS) return;
    shownAt = performance.now();
    if (progress === "json") tellJson(event);
    else tell(`${WORDS[event.step]}: ${group(event.done)} of ${group(event.total)} bytes`);
  };
}
