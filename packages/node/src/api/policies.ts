import { addPolicies as addToConfig } from "../config/edit.ts";
import type { DatasetPolicy } from "../policy/schema.ts";
import { withState, type HalfroomNode } from "./node.ts";

/** What this node allows a partner to do with a dataset. Epsilons are in millionths, moments in milliseconds since 1970. */
export type PolicyRecord = DatasetPolicy;

/**
 * Adds the policies of a YAML file, one entry or a list; one for the same partner and dataset is replaced. Returns those added.
 * They hold from now on, for running `serve` processes too. Rejects with OperatorError `file` or `yaml`.
 */
export async function addPolicies(node: HalfroomNode, file: string): Promise<PolicyRecord[]> {
  return await withState(node, async ({ folder, audit, clock }) => {
    const policies = await addToConfig(folder, file);
    for (const { partner, dataset, approval } of policies) {
      audit.append("config-changed", { policy: `${partner}/${dataset}`, approval }, clock.now());
    }
    return policies;
  });
}

/** The policies as the settings hold them now, defaults filled in. */
export async function listPolicies(node: HalfroomNode): Promise<PolicyRecord[]> {
  return await withState(node, async ({ rules }) => (await rules()).policies);
}
