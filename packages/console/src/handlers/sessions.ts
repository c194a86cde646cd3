import {
  activate,
  approve,
  cancel,
  compareWithLast,
  complete,
  deny,
  disclose,
  listHeld,
  listReports,
  listSessions,
  policyChangesSince,
  readReport,
  readSession,
  reportAs,
  sendReport,
} from "@halfroom/node";
import { activationCsv, activationJson } from "@halfroom/report";
import { FORM_TYPES, type reportRoutes } from "../contract/reports.ts";
import type { sessionRoutes } from "../contract/sessions.ts";
import type { Handlers } from "./hands.ts";

export const sessionHandlers: Handlers<keyof typeof sessionRoutes | keyof typeof reportRoutes> = {
  listSessions: ({ node }, { query }) => listSessions(node, query),
  listHeldSessions: ({ node }) => listHeld(node),
  async showSession({ node }, { params: { id } }) {
    const [session, disclosure] = [await readSession(node, id), await disclose(node, id)];
    const policyChanges = await policyChangesSince(node, id);
    return { session, disclosure, compared: await compareWithLast(node, id), policyChanges };
  },
  approveSession: ({ node }, { params: { id } }) => approve(node, id),
  denySession: ({ node }, { params: { id }, body: { reason } }) => deny(node, id, reason),
  async cancelSession({ node, jobs }, { params: { id } }) {
    const isEnded = await jobs.cancelOf(id);
    return isEnded ? await readSession(node, id) : await cancel(node, id);
  },
  async completeSession({ node }, { params: { id } }) {
    await complete(node, id);
    return await readSession(node, id);
  },
  sendReport: ({ node }, { params: { id }, body: { sink } }) => sendReport(node, id, sink),
  listReports: ({ node }, { query }) => listReports(node, query),
  async showReport({ node }, { params: { id }, query: { form } }) {
    const { json, receipt } = await readReport(node, id);
    return { text: await reportAs(form, json, receipt), type: FORM_TYPES[form], name: `report-${id}` };
  },
  async activateReport({ node }, { params: { id }, body: { rule, partition, category, form } }) {
    const choice = {
      ...(partition !== undefined && { partition: partition - 1 }),
      ...(category !== undefined && { category }),
    };
    const { plan, labels, session, partner } = await activate(node, id, rule, choice);
    const text = form === "csv" ? activationCsv(plan) : activationJson(plan, labels, { session, partner });
    return { text, type: FORM_TYPES[form], name: `report-${id}` };
  },
};
