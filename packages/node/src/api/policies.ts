import { addPolicies as addToConfig, noPolicy, removePolicy as removeFromConfig } from "../config/edit.ts";
import { policyChanges, policyRecord, type PolicyRecord } from "../policy/fields.ts";
import { withState, type HalfroomNode } from "./node.ts";

/** The path of a YAML file, or its text, in which case messages call it `name`. */
export type PolicySource = string | { readonly text: string; readonly name: string };

/**
 * Adds the policies of a YAML file, one entry or a list; one for the same partner and dataset is replaced. Returns those added.
 * They hold from now on, for running `serve` processes too. Rejects with OperatorError `file`; `yaml`, also for a partner who is neither
 * pinned nor invited, and for a dataset or column that this node does not have.
 */
export async function addPolicies(node: HalfroomNode, source: PolicySource): Promise<PolicyRecord[]> {
  return await withState(node, async ({ folder, audit, clock, partners, invitations, rules }) => {
    const invited = invitations.names(clock.now());
    const names = new Set([...partners.list().map(({ name }) => name), ...invited]);
    const { datasets, policies: before } = await rules();
    const policies = await addToConfig(folder, source, { partners: [...names], datasets });
    for (const policy of policies) {
      const { partner, dataset } = policy;
      const old = before.find((each) => each.partner === partner && each.dataset === dataset);
      const changed = policyChanges(old, policy);
      audit.append("config-changed", { policy: `${partner}/${dataset}`, changed }, clock.now());
    }
    return policies.map(policyRecord);
  });
}

/** The policies as the settings hold them now, defaults filled in. */
export async function listPolicies(node: HalfroomNode): Promise<PolicyRecord[]> {
  return await withState(node, async ({ rules }) => (await rules()).policies.map(policyRecord));
}

/** Rejects with OperatorError `no-policy`. */
export async function readPolicy(
  node: HalfroomNode,
  partner: string,
  dataset: string,
): Promise<PolicyRecord> {
  return await withState(node, async ({ rules }) => {
    const { policies } = await rules();
    const found = policies.find((policy) => policy.partner === partner && policy.dataset === dataset);
    if (found === undefined) throw noPolicy(partner, dataset, policies);
    return policyRecord(found);
  });
}

/**
 * Takes a policy out of the settings: the partner may do nothing with the dataset any more but what a person approves. Rejects with
 * OperatorError `no-policy`.
 */
export async function removePolicy(node: HalfroomNode, partner: string, dataset: string): Promise<void> {
  await withState(node, async ({ folder, audit, clock }) => {
    await removeFromConfig(folder, partner, dataset);
    audit.append("config-changed", { policy: `${partner}/${dataset}`, removed: true }, clock.now());
  });
}
