// `halfroom init`.
import { groupedFingerprint, initNode } from "@halfroom/node";
import { OperatorError } from "../../failure.ts";
import type { HomeFlags } from "./folder.ts";
import { say } from "../../print.ts";

export interface InitFlags extends HomeFlags {
  readonly "if-missing": boolean;
}

export async function initCommand(flags: InitFlags): Promise<void> {
  try {
    const { folder, fingerprint } = await initNode(flags.home);
    say(`The node is in ${folder}; its settings are in config.yaml there.`);
    say(`fingerprint: ${groupedFingerprint(fingerprint)}`);
  } catch (error) {
    if (!(flags["if-missing"] && error instanceof OperatorError && error.code === "node-exists")) throw error;
    say("The folder holds a node already, which stays as it is.");
  }
}
