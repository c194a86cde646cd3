// Requests for reports: checked, looked at ahead, and run as jobs.
import { z } from "zod";
import {
  identified,
  lineSchema,
  moment,
  nameSchema,
  pageQuery,
  reasonSchema,
  sideSchema,
  yamlSchema,
} from "./common.ts";
import { ANALYSTS, INFORMED } from "./roles.ts";
import { route } from "./route.ts";
import { disclosureSchema } from "./sessions.ts";
import { templateRunSchema } from "./templates.ts";

const request = {
  yaml: yamlSchema.optional().meta({ description: "A request, as in a file that the command line takes." }),
  template: templateRunSchema
    .optional()
    .meta({ description: "Instead of it a run of a template that a partner has published." }),
  partner: nameSchema.optional().meta({ description: "The partner that the request must be for." }),
};
const isOne = ({ yaml, template }: { readonly yaml?: unknown; readonly template?: unknown }) =>
  (yaml === undefined) !== (template === undefined);
const oneOfBoth = { error: "Give yaml or template.", path: ["yaml"] };
const requestBody = z.object(request).refine(isOne, oneOfBoth);
const runBody = z
  .object({
    ...request,
    anyway: z
      .boolean()
      .default(false)
      .meta({ description: "Go on although more of our own data does not fit than the settings allow." }),
  })
  .refine(isOne, oneOfBoth);

const costOfSchema = z.object({ needed: z.number(), left: z.number(), budget: z.number() });
const costSchema = z.object({
  periodDays: z.number(),
  runs: z.int().optional().meta({ description: "Of a series: what is needed is needed by all of them." }),
  period: costOfSchema.optional(),
  everybody: costOfSchema.optional(),
  lifetime: costOfSchema.optional(),
  exact: costOfSchema.optional(),
  numbers: costOfSchema.extend({ isAtLeast: z.boolean() }),
});
const changeSchema = z.object({
  field: z.enum(["threshold", "epsilon", "rules", "replay"]),
  from: z.string(),
  to: z.string(),
  by: z.enum(["us", "partner"]),
});
const termsSchema = z.object({
  threshold: z.int(),
  mode: z.enum(["exact", "noise"]),
  microEpsilon: z.int(),
  rules: z.enum(["standard", "pair"]),
  replay: z.boolean(),
  changes: z.array(changeSchema),
});
const policyAnswerSchema = z.object({
  decision: z.enum(["accept", "hold", "refuse", "queued"]),
  reasons: z.array(reasonSchema),
});
const errorSchema = z.object({ code: z.string(), words: z.string() });

const outlookSchema = z.object({
  terms: termsSchema,
  cost: costSchema,
  people: z.object({ ours: z.int(), theirs: z.int().optional(), theirsAt: moment.optional() }),
  opening: z.object({ canOpen: z.boolean(), cells: z.int(), cellsTotal: z.int(), words: z.string() }),
  effort: z.object({
    seconds: z.number(),
    bytes: z.number().meta({ description: "Both ways together." }),
    busierBytes: z.number().meta({ description: "The way that more go." }),
    isFirst: z.boolean(),
    assumed: z.array(z.enum(["people", "cells", "categories"])),
  }),
  transfers: z.object({
    source: z.enum(["silent", "softspoken"]),
    why: z
      .string()
      .optional()
      .meta({ description: "Left out where the request, or its template, says which." }),
  }),
  line: lineSchema.optional(),
  stored: z.string().optional(),
  ours: z.array(reasonSchema),
  theirs: z.array(reasonSchema),
});

const previewSchema = disclosureSchema
  .extend({
    outlook: outlookSchema.optional(),
    ahead: z.array(z.string()),
    ours: policyAnswerSchema,
    theirs: z.union([policyAnswerSchema, z.object({ error: errorSchema })]),
    outcome: z.enum(["run", "stored", "wait", "refuse", "unknown"]),
  })
  .meta({ id: "Preview" });

const stageSchema = z.object({
  name: z.string(),
  seconds: z.number(),
  cpuSeconds: z.number(),
  bytesSent: z.number(),
  bytesReceived: z.number(),
});
const resultSchema = z.object({
  session: z.string().meta({ description: "By which /api/v1/reports has the report." }),
  partner: z.string(),
  isStored: z.boolean(),
  hasResult: z.boolean(),
  stages: z.array(stageSchema),
});

const backupSchema = z.object({
  name: z.string().meta({ description: "As /api/v1/backups has it." }),
  bytes: z.int(),
  entries: z.int().meta({ description: "The last entry of the audit log that is in it." }),
  head: z.string(),
  createdAt: moment,
});

export const jobSchema = z
  .object({
    id: z.string(),
    kind: z.enum(["run", "backup"]),
    caller: z.string().meta({ description: "Who started it, as in the audit log." }),
    state: z.enum(["running", "done", "failed", "cancelled"]),
    session: z
      .string()
      .optional()
      .meta({ description: "The session that it works on, once it is proposed." }),
    result: resultSchema.optional().meta({ description: "Of a run that is done." }),
    series: z
      .string()
      .optional()
      .meta({ description: "Of a run that asked for a series, which both sides have signed: its id." }),
    backup: backupSchema.optional().meta({ description: "Of a backup that is done." }),
    error: errorSchema.optional(),
    createdAt: moment,
    endedAt: moment.optional(),
  })
  .meta({ id: "Job" });

/** What happens while a report is run or a backup is made. `ended` is the last one. */
const jobEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("role"), words: z.string() }),
  z.object({ type: z.literal("transfers"), words: z.string() }),
  z.object({ type: z.literal("proposed"), id: z.string(), role: sideSchema, resumed: z.boolean() }),
  termsSchema.extend({ type: z.literal("terms"), cost: costSchema, words: z.array(z.string()) }),
  z.object({ type: z.literal("held"), id: z.string(), reasons: z.array(reasonSchema) }),
  z.object({ type: z.literal("approval"), id: z.string(), words: z.array(z.string()) }),
  z.object({ type: z.literal("queued") }),
  z.object({ type: z.literal("elsewhere"), id: z.string() }),
  z.object({ type: z.literal("completed"), id: z.string(), session: z.string() }),
  z.object({ type: z.literal("busy"), until: moment }),
  z.object({ type: z.literal("prepared"), rows: z.int(), people: z.int() }),
  z.object({ type: z.literal("stage"), name: z.string(), state: z.string() }),
  z.object({ type: z.literal("progress"), name: z.string(), done: z.number(), total: z.number() }),
  z.object({ type: z.literal("warning"), words: z.string() }),
  z.object({ type: z.literal("ended"), job: jobSchema }),
]);
export type JobEvent = z.infer<typeof jobEventSchema>;

export const runRoutes = {
  checkRequest: route({
    method: "POST",
    path: "/api/v1/requests/check",
    roles: ANALYSTS,
    summary: "Checks a request against this node's settings and policy; nothing is read or sent.",
    body: requestBody,
    answer: { status: 200, json: z.object({ ahead: z.array(z.string()) }) },
  }),
  previewRequest: route({
    method: "POST",
    path: "/api/v1/requests/preview",
    roles: ANALYSTS,
    summary: "Says what each side would learn and what would come of the report; nothing is proposed.",
    body: requestBody,
    answer: { status: 200, json: previewSchema },
  }),
  startRun: route({
    method: "POST",
    path: "/api/v1/runs",
    roles: ANALYSTS,
    summary:
      "Begins to run a report: proposes it, waits for the partner's answer, runs the session. A series is signed, and runs when its runs are due.",
    body: runBody,
    answer: { status: 202, json: jobSchema },
    changes: true,
  }),
  listJobs: route({
    method: "GET",
    path: "/api/v1/jobs",
    roles: INFORMED,
    summary: "Lists the jobs, newest first; one that has ended is kept for 30 days.",
    query: pageQuery,
    answer: { status: 200, json: z.array(jobSchema) },
  }),
  showJob: route({
    method: "GET",
    path: "/api/v1/jobs/{id}",
    roles: INFORMED,
    summary: "Shows how a job stands, or how it ended.",
    params: identified,
    answer: { status: 200, json: jobSchema },
  }),
  watchJob: route({
    method: "GET",
    path: "/api/v1/jobs/{id}/events",
    roles: INFORMED,
    summary: "Tells what happens in a job, from its start, until it ends.",
    params: identified,
    answer: { status: 200, events: jobEventSchema },
  }),
  cancelJob: route({
    method: "POST",
    path: "/api/v1/jobs/{id}/cancel",
    roles: ANALYSTS,
    summary: "Ends a run that this process works on; what it has charged stays charged.",
    params: identified,
    answer: { status: 202, json: jobSchema },
    changes: true,
  }),
};
