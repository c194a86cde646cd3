// Secrets of targets, in files that only the node's owner can open.
import { resolve } from "node:path";
import { Webhook } from "standardwebhooks";
import { OperatorError } from "../errors.ts";
import type { NodeFolder } from "../store/folder.ts";
import { readPrivateFile } from "../store/private-file.ts";

/** The rules of Standard Webhooks ask for 24 to 64 bytes. */
const SECRET_BYTES_MIN = 24;
const SECRET_BYTES_MAX = 64;
/** One that is being replaced, and the one that replaces it. */
const SECRETS_MAX = 2;

/**
 * What messages are signed with: one secret, or two while one replaces the other. `path` starts at the node's folder. Errors: `settings`,
 * `open-to-others`, `folder`.
 */
export async function webhookSigners(
  { path: folder }: Pick<NodeFolder, "path">,
  path: string,
): Promise<Webhook[]> {
  const file = resolve(folder, path);
  const lines = (await readPrivateFile(file)).split("\n").map((line) => line.trim());
  const secrets = lines.filter((line) => line !== "");
  if (secrets.length > 0 && secrets.length <= SECRETS_MAX && secrets.every(isSecret))
    return secrets.map((secret) => new Webhook(secret));
  throw new OperatorError(
    "settings",
    `${file}: write one secret, or two lines while one replaces the other; each is whsec_ and ${SECRET_BYTES_MIN} to ${SECRET_BYTES_MAX} random bytes in base64.`,
  );
}

function isSecret(text: string): boolean {
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(text)) return false;
  const { length } = Buffer.from(text.slice("whsec_".length), "base64");
  return length >= SECRET_BYTES_MIN && length <= SECRET_BYTES_MAX;
}

/** The first line of the file. Errors: `settings`, `open-to-others`, `folder`. */
export async function passwordIn({ path: folder }: Pick<NodeFolder, "path">, path: string): Promise<string> {
  const file = resolve(folder, path);
  const [password = ""] = (await readPrivateFile(file)).split(/\r?\n/);
  if (password !== "") return password;
  throw new OperatorError("settings", `${file}: it holds no password in its first line.`);
}
