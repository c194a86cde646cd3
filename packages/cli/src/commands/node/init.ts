// `halfroom init`.
import { groupedFingerprint, initNode } from "@halfroom/node";
import type { HomeFlags } from "./folder.ts";
import { say } from "../../print.ts";

export async function initCommand(flags: HomeFlags): Promise<void> {
  const { folder, fingerprint } = await initNode(flags.home);
  say(`The node is in ${folder}; its settings are in config.yaml there.`);
  say(`fingerprint: ${groupedFingerprint(fingerprint)}`);
}
