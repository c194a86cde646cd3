// What a backup holds: a tar (POSIX ustar), encrypted as a file of age (https://age-encryption.org/v1). Its first entry says what it
// is of; the others are the files of the node's folder, the audit log's head among them as it was at the moment of the copy.
import { z } from "zod";
import { OperatorError } from "../errors.ts";
import { STEPS } from "../store/schema.ts";

export const ABOUT = "backup.json";
/** In the order of the archive. The last one makes a folder a node (store/folder.ts). */
export const NODE_FILES = [
  "config.yaml",
  "node.sqlite",
  "audit.head",
  "keys/vault.key",
  "keys/tls.pem",
  "keys/certificate.pem",
  "keys/signing.pem",
] as const;

/** Backups of earlier versions have none of these. */
export const LATER_FILES: readonly string[] = ["keys/vault.key"];

const FORMAT = 1;

const aboutSchema = z.object({
  format: z.int(),
  /** Steps of the store's schema. */
  store: z.int().min(0),
  /** Of the node's first certificate. */
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  /** The node's clock when the copy began, in milliseconds since 1970. */
  createdAt: z.int().min(0),
  /** The last entry of the audit log. */
  entries: z.int().min(1),
  head: z.string().regex(/^[0-9a-f]{64}$/),
});

/** What a backup is of. */
export type About = z.infer<typeof aboutSchema>;

export function aboutText(about: Omit<About, "format" | "store">): string {
  return `${JSON.stringify({ format: FORMAT, store: STEPS.length, ...about })}\n`;
}

/** Errors: `backup`; `newer-store`. */
export function readAbout(text: string, file: string): About {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Told below.
  }
  const read = aboutSchema.safeParse(value);
  if (!read.success) throw noBackup(file, "does not hold a node");
  const { format, store } = read.data;
  if (format > FORMAT || store > STEPS.length) {
    const words = `${file} was made by a newer Halfroom; install that version or newer.`;
    throw new OperatorError("newer-store", words);
  }
  return read.data;
}

export function noBackup(file: string, why: string, cause?: unknown): OperatorError {
  const remedy = "take another backup, or another copy of this one";
  return new OperatorError("backup", `${file} ${why}; ${remedy}.`, { cause });
}
