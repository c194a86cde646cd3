// `halfroom policy`: what partners may do.
import {
  addPolicies,
  listPolicies,
  readPolicy,
  removePolicy,
  type PolicyRecord,
  type PolicyValue,
} from "@halfroom/node";
import { drawList, printable } from "@halfroom/report";
import { withNode, type HomeFlags } from "./folder.ts";
import { say, sayJson } from "../../print.ts";

export interface PolicyFlags extends HomeFlags {
  readonly partner: string;
  readonly dataset: string;
}

export async function policyAddCommand(flags: HomeFlags & { file: string; json: boolean }): Promise<void> {
  const added = await withNode(flags, (node) => addPolicies(node, flags.file));
  if (flags.json) return sayJson(added);
  for (const policy of added) {
    const { partner, dataset, fields } = policy;
    say(`The policy for ${partner} and ${dataset} is in force; approval is ${text(fields["approval"]!)}.`);
    say(`By default: ${defaultsText(policy)}.`);
  }
}

function defaultsText({ fields, defaults }: PolicyRecord): string {
  return defaults.map((name) => `${name} ${text(fields[name]!)}`).join(", ");
}

export async function policyListCommand(flags: HomeFlags & { json: boolean }): Promise<void> {
  const policies = await withNode(flags, listPolicies);
  if (flags.json) return sayJson(policies);
  if (policies.length === 0)
    return say("There are no policies: every proposal waits for a person, and nothing exact is allowed.");
  const shown = ["group_by", "sum", "threshold", "epsilon", "approval"];
  const rows = policies.map(({ partner, dataset, fields }) => [
    partner,
    dataset,
    ...shown.map((name) => text(fields[name]!)),
  ]);
  say(drawList(["partner", "dataset", ...shown], rows));
}

export async function policyShowCommand(flags: PolicyFlags & { json: boolean }): Promise<void> {
  const policy = await withNode(flags, (node) => readPolicy(node, flags.partner, flags.dataset));
  if (flags.json) return sayJson(policy);
  const rows = Object.entries(policy.fields).map(([name, value]) => [
    name,
    text(value),
    policy.defaults.includes(name) ? "default" : "",
  ]);
  say(drawList(["field", "value", ""], rows));
}

export async function policyRemoveCommand(flags: PolicyFlags): Promise<void> {
  await withNode(flags, (node) => removePolicy(node, flags.partner, flags.dataset));
  say(
    `Removed the policy for ${flags.partner} and ${flags.dataset}: what the partner proposes over it waits for a person, and nothing exact is allowed.`,
  );
}

function text(value: PolicyValue): string {
  if (value === null) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return Array.isArray(value) ? value.map(printable).join(", ") || "none" : printable(String(value));
}
