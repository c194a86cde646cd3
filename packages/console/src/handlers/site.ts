import {
  addWorker,
  correctClock,
  createToken,
  doctor,
  listEndings,
  listSuppressed,
  listTokens,
  readAudit,
  readBudgets,
  readCluster,
  readLedger,
  readOpenings,
  readReceipt,
  readSubject,
  removeWorker,
  revokeToken,
  suppress,
  unsuppress,
  verifyAudit,
  verifyLedger,
  verifyOwnReceipt,
  versionFacts,
  type OptOutFile,
} from "@halfroom/node";
import type { recordRoutes } from "../contract/records.ts";
import type { Asked } from "../contract/route.ts";
import type { siteRoutes } from "../contract/site.ts";
import { openApiDocument } from "../openapi.ts";
import type { Handlers } from "./hands.ts";

export const siteHandlers: Handlers<keyof typeof siteRoutes | keyof typeof recordRoutes> = {
  openapi: () => openApiDocument(),
  async showVersion({ node: { fingerprint } }) {
    return { ...(await versionFacts()), fingerprint };
  },
  runDoctor: ({ node }) => doctor(node),
  listEndings: ({ node }) => listEndings(node),
  showCluster: ({ node }) => readCluster(node),
  addWorker: ({ node }, { body }) => addWorker(node, body),
  removeWorker: ({ node }, { params: { name } }) => removeWorker(node, name),
  listSuppressed: ({ node }) => listSuppressed(node),
  suppress: ({ node }, { body }) => suppress(node, listOf(body)),
  unsuppress: ({ node }, { body }) => unsuppress(node, listOf(body)),
  readSubject: ({ node }, { body }) => readSubject(node, listOf(body)),
  listTokens: ({ node }) => listTokens(node),
  createToken: ({ node }, { body }) => createToken(node, body),
  revokeToken: ({ node }, { params: { name } }) => revokeToken(node, name),

  async showLedger({ node }, { query }) {
    return {
      entries: await readLedger(node, query),
      budgets: await readBudgets(node),
      gaps: await verifyLedger(node),
    };
  },
  readAudit({ node }, { query: { limit, before } }) {
    return readAudit(node, { limit, ...(before !== undefined && { before }) });
  },
  async verifyAudit({ node }) {
    return { ...(await verifyAudit(node)), gaps: await verifyLedger(node, { each: true }) };
  },
  correctClock: ({ node }) => correctClock(node),
  showReceipt: ({ node }, { params: { id } }) => readReceipt(node, id),
  async showOpenings({ node }, { params: { id } }) {
    const { session, openings } = await readOpenings(node, id);
    return { session, openings: openings ?? null };
  },
  checkReceipt: ({ node }, { params: { id } }) => verifyOwnReceipt(node, id),
};

function listOf({
  file,
  csv,
  person,
  ...choice
}: Asked<(typeof siteRoutes)["suppress"]>["body"]): OptOutFile {
  if (person !== undefined) return { person, ...choice };
  return csv === undefined ? { file: file!, ...choice } : { text: csv, kind: "csv", ...choice };
}
