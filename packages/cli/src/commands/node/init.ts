// `halfroom init`.
import { groupedFingerprint, initNode } from "@halfroom/node";
import type { HomeFlags } from "./folder.ts";

export async function initCommand(flags: HomeFlags): Promise<void> {
  const { folder, fingerprint } = await initNode(flags.home);
  console.log(`The node is in ${folder}; its settings are in config.yaml there.`);
  console.log(`fingerprint: ${groupedFingerprint(fingerprint)}`);
}
