// A node's folder of its own for a test.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeFirstConfig } from "../src/config/edit.ts";
import { createFolder, nodeFolder, type NodeFolder } from "../src/store/folder.ts";
import { createIdentity, type Identity } from "../src/identity/identity.ts";
import { Invitations } from "../src/partners/invitations.ts";
import { Partners } from "../src/partners/partners.ts";
import { Store } from "../src/store/store.ts";

export interface Home {
  readonly folder: NodeFolder;
  readonly identity: Identity;
  readonly store: Store;
  readonly partners: Partners;
  readonly invitations: Invitations;
}

export function emptyFolder(): NodeFolder {
  return nodeFolder(join(mkdtempSync(join(tmpdir(), "halfroom-node-test-")), "home"), {});
}

export async function makeHome(): Promise<Home> {
  const folder = emptyFolder();
  await createFolder(folder);
  writeFirstConfig(folder);
  const identity = await createIdentity(folder, Date.now());
  const store = Store.open(folder.path);
  return { folder, identity, store, partners: new Partners(store), invitations: new Invitations(store) };
}
