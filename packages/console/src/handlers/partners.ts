import {
  addDataset,
  addPolicies,
  checkDataset,
  confirmPartner,
  invite,
  join,
  listDatasets,
  listPartners,
  listPolicies,
  movePartner,
  OperatorError,
  readPolicy,
  removeDataset,
  removePartner,
  removePolicy,
  type HalfroomNode,
  type PartnerRecord,
} from "@halfroom/node";
import { quoted } from "@halfroom/report";
import type { datasetRoutes } from "../contract/datasets.ts";
import type { partnerRoutes } from "../contract/partners.ts";
import type { Handlers } from "./hands.ts";

export const partnerHandlers: Handlers<keyof typeof partnerRoutes | keyof typeof datasetRoutes> = {
  listPartners: ({ node }) => listPartners(node),
  showPartner: ({ node }, { params: { name } }) => partnerOf(node, name),
  invitePartner: ({ node }, { body }) => invite(node, body),
  joinPartner: ({ node }, { body }) => join(node, body),
  async movePartner({ node }, { params: { name }, body: { address } }) {
    await movePartner(node, name, address);
    return await partnerOf(node, name);
  },
  async confirmPartner({ node }, { params: { name }, body: { fingerprint } }) {
    await confirmPartner(node, name, fingerprint);
    return await partnerOf(node, name);
  },
  async removePartner({ node }, { params: { name } }) {
    return { policies: await removePartner(node, name) };
  },

  listDatasets: ({ node }) => listDatasets(node),
  async addDataset({ node }, { body: { name, definition } }) {
    await addDataset(node, name, definition);
    return (await listDatasets(node)).find((dataset) => dataset.name === name)!;
  },
  checkDataset: ({ node }, { params: { name }, body }) => checkDataset(node, name, body),
  async removeDataset({ node }, { params: { name } }) {
    return { partners: await removeDataset(node, name) };
  },
  listPolicies: ({ node }) => listPolicies(node),
  showPolicy: ({ node }, { params: { partner, dataset } }) => readPolicy(node, partner, dataset),
  addPolicies: ({ node }, { body: { yaml } }) => addPolicies(node, { text: yaml, name: "yaml" }),
  removePolicy: ({ node }, { params: { partner, dataset } }) => removePolicy(node, partner, dataset),
};

async function partnerOf(node: HalfroomNode, name: string): Promise<PartnerRecord> {
  const found = (await listPartners(node)).find((partner) => partner.name === name);
  if (found === undefined) throw new OperatorError("no-partner", `There is no partner ${quoted(name)}.`);
  return found;
}
