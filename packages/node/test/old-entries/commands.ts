// What a user types, or a probe asks, at a node that may be years old; not what reads everything by its nature (`audit verify`, and the
// check of the whole file in `doctor`).
import {
  checkRequest,
  listHeld,
  listPartners,
  listReports,
  listSessions,
  readAudit,
  readBudgets,
  readLedger,
  readReceipt,
  readReport,
  verifyLedger,
} from "../../src/api/index.ts";
import { handleOf, type HalfroomNode } from "../../src/api/node.ts";
import { assertBooksHold } from "../../src/ledger/against-log.ts";
import { tidyIfFree, type NodeState } from "../../src/node-state.ts";
import { OVERLAP } from "./old-node.ts";

const PAGE = { limit: 100 };
const orNothing = () => undefined;

type Command = (node: HalfroomNode, state: NodeState) => unknown;

const COMMANDS: Readonly<Record<string, Command>> = {
  "any command: what it does when it opens the node": (_node, state) => tidyIfFree(state),
  sessions: async (node) => [await listSessions(node, PAGE), await listHeld(node)],
  "sessions --before ID": async (node) => await listSessions(node, { ...PAGE, before: "x500" }),
  ledger: async (node) => [await readLedger(node, PAGE), await readBudgets(node), await verifyLedger(node)],
  reports: async (node) => await listReports(node, PAGE),
  "report ID": async (node) => await readReport(node, "x500").catch(orNothing),
  "audit receipt ID": async (node) => await readReceipt(node, "x500").catch(orNothing),
  audit: async (node) => await readAudit(node, PAGE),
  partners: async (node) => await listPartners(node),
  "run --dry-run": async (node) => await checkRequest(node, OVERLAP),
  "serve, run, approve: whether the books hold": (_node, state) => assertBooksHold(state),
  "run: an earlier run of the report, and what can be completed": (_node, { sessions }) => [
    sessions.takeUp({ partner: "publisher", asked: "", where: undefined }, Date.now()),
    sessions.completable(),
  ],
};

/** Does each in turn. */
export async function useAll(
  state: NodeState,
  around: (name: string, work: () => Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const node = handleOf(state);
  for (const [name, command] of Object.entries(COMMANDS))
    await around(name, async () => await command(node, state));
}
