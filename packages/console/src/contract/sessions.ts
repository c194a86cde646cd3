// Sessions, and the decision on those that wait for one.
import { z } from "zod";
import {
  identified,
  kindSchema,
  moment,
  newPeopleSchema,
  pageQuery,
  reasonSchema,
  sideSchema,
} from "./common.ts";
import { ANALYSTS, APPROVERS, EVERYBODY } from "./roles.ts";
import { route } from "./route.ts";
import { releaseSchema } from "./terms.ts";

export const approvalsSchema = z.object({
  needed: z.int(),
  given: z.array(z.object({ by: z.string(), at: moment })),
  barred: z
    .enum(["token", "asker", "approved"])
    .optional()
    .meta({ description: "Why whoever asks may not approve it." }),
});

const sessionSchema = z
  .object({
    id: z.string(),
    partner: z.string(),
    proposal: z.string(),
    initiatedBy: z.enum(["us", "partner"]),
    role: sideSchema,
    asked: z.string(),
    where: z.string().optional().meta({ description: "This side's own filter; the partner never sees it." }),
    state: z.enum([
      "proposed",
      "held",
      "approved",
      "preparing",
      "agreed",
      "running",
      "done",
      "refused",
      "failed",
    ]),
    stage: z.string().optional(),
    code: z.string().optional(),
    reasons: z.array(reasonSchema),
    session: z.string().optional().meta({ description: "The hash of the agreement, once both have signed." }),
    createdAt: moment,
    updatedAt: moment,
    expiresAt: moment,
    report: kindSchema,
    newPeople: newPeopleSchema,
    datasets: z.object({ sender: z.string(), receiver: z.string() }),
    partitions: z.array(z.array(z.string())),
    senderGroupBy: z.array(z.string()),
    measures: z.array(z.string()),
    bounds: z
      .array(z.object({ low: z.string(), high: z.string() }))
      .meta({ description: "What one person counts for in each measure, as decimals." }),
    threshold: z.int(),
    release: releaseSchema,
    resultTo: z.enum(["both", "sender", "receiver"]),
    repeats: z
      .object({ words: z.string().optional(), series: z.string().optional(), run: z.int().optional() })
      .optional()
      .meta({
        description: "Of one that asks for a series its schedule in words; of a run of one which it is.",
      }),
    template: z
      .object({
        id: z.string(),
        name: z.string(),
        version: z.int(),
        parameters: z.array(
          z.object({ name: z.string(), value: z.union([z.string(), z.array(z.string())]) }),
        ),
      })
      .optional()
      .meta({ description: "Of a run of a template: which, and with which values." }),
    approvals: approvalsSchema
      .optional()
      .meta({ description: "Of one that waits for people here: how many have to approve it, and who has." }),
    decided: z
      .array(z.object({ by: z.string(), at: moment, decision: z.enum(["approved", "denied"]) }))
      .optional()
      .meta({
        description: "Of one that waits no more: the people here who decided on it; empty if the policy did.",
      }),
  })
  .meta({ id: "Session" });

export const disclosureSchema = z
  .object({
    report: z.array(z.string()),
    weLearn: z.array(z.string()),
    partnerLearns: z.array(z.string()),
  })
  .meta({ id: "Disclosure" });

const comparedSchema = z
  .object({
    last: z.string(),
    at: moment,
    differences: z.array(z.object({ what: z.string(), before: z.string(), now: z.string() })),
    warning: z.string().optional(),
  })
  .meta({
    id: "ComparedWithLast",
    description: "All that it asks for otherwise than the partner's last report that came to its end.",
  });

const REASON_LENGTH_MAX = 500;

export const sessionRoutes = {
  listSessions: route({
    method: "GET",
    path: "/api/v1/sessions",
    roles: EVERYBODY,
    summary: "Lists the sessions, newest first.",
    query: pageQuery,
    answer: { status: 200, json: z.array(sessionSchema) },
  }),
  listHeldSessions: route({
    method: "GET",
    path: "/api/v1/sessions/held",
    roles: EVERYBODY,
    summary:
      "Lists the sessions that wait for a person, newest first, then our own that wait for two people here.",
    answer: { status: 200, json: z.array(sessionSchema) },
  }),
  showSession: route({
    method: "GET",
    path: "/api/v1/sessions/{id}",
    roles: EVERYBODY,
    summary:
      "Shows a session, what it would reveal, or has revealed, to each side, and what is otherwise than the last time.",
    params: identified,
    answer: {
      status: 200,
      json: z.object({
        session: sessionSchema,
        disclosure: disclosureSchema,
        compared: comparedSchema.optional(),
        policyChanges: z.array(z.object({ at: moment, by: z.string().optional(), words: z.string() })).meta({
          description:
            "Of one that waits no more: what the audit log has of changes to our policy since it was proposed.",
        }),
      }),
    },
  }),
  approveSession: route({
    method: "POST",
    path: "/api/v1/sessions/{id}/approve",
    roles: APPROVERS,
    summary:
      "Lets the partner run a waiting proposal, once; of two people who have to approve it the first only notes it.",
    params: identified,
    answer: { status: 200, json: sessionSchema },
    changes: true,
  }),
  denySession: route({
    method: "POST",
    path: "/api/v1/sessions/{id}/deny",
    roles: APPROVERS,
    summary: "Refuses a waiting proposal; the partner is told the reason.",
    params: identified,
    body: z.object({ reason: z.string().max(REASON_LENGTH_MAX) }),
    answer: { status: 200, json: sessionSchema },
    changes: true,
  }),
  cancelSession: route({
    method: "POST",
    path: "/api/v1/sessions/{id}/cancel",
    roles: ANALYSTS,
    summary: "Gives up a session that this node proposed: its run, if this process works on it.",
    params: identified,
    answer: { status: 200, json: sessionSchema },
    changes: true,
  }),
  completeSession: route({
    method: "POST",
    path: "/api/v1/sessions/{id}/complete",
    roles: ANALYSTS,
    summary: "Asks the partner for the receipt of a session whose last messages were lost.",
    params: identified,
    answer: { status: 200, json: sessionSchema },
    changes: true,
  }),
};
