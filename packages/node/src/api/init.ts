import { Audit } from "../audit/audit.ts";
import { writeFirstConfig } from "../config/edit.ts";
import { createIdentity } from "../identity/identity.ts";
import { OwnIdentities } from "../identity/own-identities.ts";
import { openVault } from "../node-state.ts";
import { createFolder, nodeFolder } from "../store/folder.ts";
import { Store } from "../store/store.ts";
import { inWords } from "./node.ts";

/**
 * Makes a new node in `folder` (by default $HALFROOM_HOME, else ~/.halfroom): settings, keys, database. Returns the absolute
 * path and the fingerprint of its certificate, 64 hexadecimal digits. Rejects with OperatorError `node-exists` or `folder`.
 */
export async function initNode(
  folder?: string,
): Promise<{ readonly folder: string; readonly fingerprint: string }> {
  return await inWords(async () => {
    const files = nodeFolder(folder);
    await createFolder(files);
    writeFirstConfig(files);
    const now = Date.now();
    const identity = await createIdentity(files, now);
    const { fingerprint } = identity;
    const store = Store.open(files.path);
    try {
      new Audit(store).append("node-created", { fingerprint }, now);
      const vault = await openVault(files, store, now);
      new OwnIdentities(files, store, vault).begin(identity, now);
    } finally {
      store.close();
    }
    return { folder: files.path, fingerprint };
  });
}
