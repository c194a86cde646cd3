// `halfroom init`: a new node in a folder of its own.
import { Audit } from "./audit/audit.ts";
import { writeFirstConfig } from "./config/edit.ts";
import { createFolder, type NodeFolder } from "./folder/folder.ts";
import { createIdentity, type Identity } from "./identity/identity.ts";
import { Store } from "./store/store.ts";

/** Makes folder, settings, keys and database. Throws SetupError if a node lives there already. */
export async function initNode(folder: NodeFolder): Promise<Identity> {
  await createFolder(folder);
  await writeFirstConfig(folder);
  const identity = await createIdentity(folder);
  const store = Store.open(folder.path);
  try {
    new Audit(store).append("node-created", { fingerprint: identity.fingerprint }, Date.now());
  } finally {
    store.close();
  }
  return identity;
}
