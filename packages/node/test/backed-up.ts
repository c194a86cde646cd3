// Nodes, backups of them, and what is restored from these.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { onTestFinished } from "vitest";
import { backup, initNode, openNode, restore, type HalfroomNode } from "../src/api/index.ts";
import { scratchFolder } from "./fixtures.ts";

export async function madeNode(): Promise<HalfroomNode> {
  const folder = join(scratchFolder(), "home");
  await initNode(folder);
  const node = await openNode(folder, { env: {} });
  onTestFinished(() => node.close());
  return node;
}

export async function keyPair() {
  const identities = await generateX25519Identity();
  return { identities, recipients: [await identityToRecipient(identities)] };
}

/** A node, its backup, and a place for copies of it. */
export async function backedUp() {
  const node = await madeNode();
  const { identities, recipients } = await keyPair();
  const place = scratchFolder();
  const file = join(place, "node.age");
  const made = await backup(node, file, { recipients });
  return { node, file, made, place, recipients, keys: { identities } };
}

export const inFolder = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(folder, name)).isFile())
    .toSorted();

/** A node restored from a backup of `node`, knowing nothing of what came after it. */
export async function restoredFrom(node: HalfroomNode): Promise<HalfroomNode> {
  const file = join(scratchFolder(), "node.age");
  const { identities, recipients } = await keyPair();
  await backup(node, file, { recipients });
  const folder = join(scratchFolder(), "restored");
  await restore(file, { folder, keys: { identities } });
  const restored = await openNode(folder, { env: {} });
  onTestFinished(() => restored.close());
  return restored;
}
