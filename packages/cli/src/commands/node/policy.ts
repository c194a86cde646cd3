// `halfroom policy add`.
import { addPolicies } from "@halfroom/node";
import { withNode, type HomeFlags } from "./folder.ts";
import { say } from "../../print.ts";

export async function policyAddCommand(flags: HomeFlags & { file: string }): Promise<void> {
  const added = await withNode(flags, (node) => addPolicies(node, flags.file));
  for (const { partner, dataset, approval } of added) {
    say(`The policy for ${partner} and ${dataset} is in force; approval is ${approval}.`);
  }
}
