// Who can open a backup: whoever has its passphrase (scrypt), or the identity of one of its recipients (X25519), as `age` has them.
import { Decrypter, Encrypter } from "age-encryption";
import { OperatorError } from "../errors.ts";

/** What a backup is encrypted for: one of the two. */
export interface BackupKeys {
  readonly passphrase?: string | undefined;
  /** `age1...` */
  readonly recipients?: readonly string[] | undefined;
}

/** What opens a backup: one of the two. */
export interface RestoreKeys {
  readonly passphrase?: string | undefined;
  /** The text of an identity file, as `age-keygen` writes it. */
  readonly identities?: string | undefined;
}

/** Errors: `flags`, if it is not exactly one of the two; `backup-key`, for what is no passphrase or recipient. */
export function encrypterFor({ passphrase, recipients = [] }: BackupKeys): Encrypter {
  if ((passphrase === undefined) === (recipients.length === 0))
    throw new OperatorError(
      "flags",
      "Give a passphrase or recipients to encrypt the backup for, and not both.",
    );
  const encrypter = new Encrypter();
  if (passphrase !== undefined) encrypter.setPassphrase(wordsOf(passphrase));
  for (const recipient of recipients) {
    orNoKey(() => encrypter.addRecipient(recipient), "A recipient is no public key of age (age1...).");
  }
  return encrypter;
}

/** Errors: as `encrypterFor`. */
export function decrypterFor({ passphrase, identities }: RestoreKeys): Decrypter {
  if ((passphrase === undefined) === (identities === undefined))
    throw new OperatorError(
      "flags",
      "Give the passphrase or the identity that opens the backup, and not both.",
    );
  const decrypter = new Decrypter();
  if (passphrase !== undefined) decrypter.addPassphrase(wordsOf(passphrase));
  const lines = (identities ?? "").split("\n").map((line) => line.trim());
  const keys = lines.filter((line) => line !== "" && !line.startsWith("#"));
  const none = "The identity file has no secret key of age (AGE-SECRET-KEY-1...).";
  if (identities !== undefined && keys.length === 0) throw new OperatorError("backup-key", none);
  for (const key of keys) orNoKey(() => decrypter.addIdentity(key), none);
  return decrypter;
}

/** A file's text or a typed line ends its passphrase with one line end, which is not part of it. */
function wordsOf(text: string): string {
  const words = text.replace(/\r?\n$/, "");
  if (words === "" || /[\r\n]/.test(words))
    throw new OperatorError("backup-key", "The passphrase has to be one line, and not an empty one.");
  return words;
}

/** The library's errors may quote what they were given. */
function orNoKey(add: () => void, words: string): void {
  try {
    add();
  } catch {
    throw new OperatorError("backup-key", words);
  }
}
