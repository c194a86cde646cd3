// The recovery key's private half, as a file that the node does not keep: whoever has it can open what replays need.
import { writePrivateFile, readPrivateFile } from "../store/private-file.ts";
import { OperatorError } from "../errors.ts";
import { HPKE_KEY_BYTES } from "../vault/hpke.ts";

const MARK = "halfroom-recovery-1";
const WORDS = "# Recovery key of a Halfroom node. Keep it offline, away from the node; an auditor needs it.";

/** Errors: `folder`. */
export function writeRecoveryFile(path: string, privateKey: Uint8Array): void {
  const text = Buffer.from(privateKey).toString("hex");
  writePrivateFile(path, "the recovery key", `${WORDS}\n${MARK} ${text}\n`);
}

/** Errors: `recovery-key`, `open-to-others`, `folder`. */
export async function readRecoveryFile(path: string): Promise<Uint8Array> {
  const text = await readPrivateFile(path);
  const found = new RegExp(`^${MARK} ([0-9a-f]{${2 * HPKE_KEY_BYTES}})$`, "m").exec(text);
  if (found === null)
    throw new OperatorError("recovery-key", `${path} is no recovery key: halfroom recovery new makes one.`);
  return new Uint8Array(Buffer.from(found[1]!, "hex"));
}
