// A node with one partner, a dataset and a policy, and many old entries.
import { writeFileSync } from "node:fs";
import { initNode } from "../../src/api/init.ts";
import { openState, type NodeState } from "../../src/node-state.ts";
import { WORKS, type Works } from "../../src/run/works.ts";
import { nodeFolder } from "../../src/store/folder.ts";
import { addOldEntries } from "./many-entries.ts";

export const OVERLAP = {
  name: "overlap.yaml",
  text: `partner: publisher
ours: { dataset: purchases }
theirs: { dataset: exposures }
report: overlap
threshold: 11
exact: true
`,
};

/** Makes it in the folder. */
export async function makeOldNode(path: string, count: number): Promise<void> {
  const folder = nodeFolder(path, {});
  await initNode(path);
  const config = {
    listen: "127.0.0.1:0",
    admin: "127.0.0.1:0",
    threads: 1,
    datasets: { purchases: { source: { csv: "purchases.csv" }, match: { email: { columns: "email" } } } },
    policies: [{ partner: "publisher", dataset: "purchases", threshold: 11, exact: 10 }],
  };
  writeFileSync(folder.configFile, JSON.stringify(config));
  const node = await openOldNode(path);
  const signingKey = Buffer.alloc(32, 7);
  const about = { fingerprint: "f".repeat(64), signingKey, address: "" };
  node.partners.pin({ name: "publisher", ...about, pinnedAt: Date.now() });
  addOldEntries(node, count, Date.now());
  node.close();
}

export async function openOldNode(
  path: string,
  openSqlite: Works["openSqlite"] = WORKS.openSqlite,
): Promise<NodeState> {
  return await openState(nodeFolder(path, {}), {}, Date.now, { ...WORKS, openSqlite });
}
