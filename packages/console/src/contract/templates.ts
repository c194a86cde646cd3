// Reports that a partner may run within agreed ranges.
import { z } from "zod";
import { identified, kindSchema, moment, nameSchema, yamlSchema } from "./common.ts";
import { ANALYSTS, APPROVERS, INFORMED } from "./roles.ts";
import { route } from "./route.ts";
import { approvalsSchema, disclosureSchema } from "./sessions.ts";

const valueSchema = z.union([z.string(), z.array(z.string())]);
const parameterSchema = z
  .object({
    name: z.string(),
    type: z.enum(["date", "integer", "number", "choice", "columns", "dataset"]),
    description: z.string().optional(),
    range: z.string().meta({ description: "What it may be, in words." }),
    default: valueSchema.optional().meta({ description: "Without it a value has to be given." }),
    from: z.string().optional(),
    to: z.string().optional(),
    of: z.array(z.string()).optional().meta({ description: "What there is to choose from." }),
    least: z.int().optional(),
    most: z.int().optional(),
  })
  .meta({ id: "TemplateParameter" });
const templateSchema = z
  .object({
    id: z.string().meta({ description: "Its digest, by which the terms of a run name it." }),
    owner: z.enum(["us", "partner"]).meta({ description: "Who has published it." }),
    partner: z.string(),
    name: z.string(),
    version: z.int(),
    description: z.string(),
    report: kindSchema,
    state: z.enum(["waiting", "valid", "withdrawn", "replaced"]),
    at: moment,
    expiresAt: moment,
    runs: z.int(),
    days: z.int(),
    used: z.int().optional().meta({ description: "Of ours: runs in the last `days`." }),
    signedBy: z.string().optional().meta({
      description:
        "SHA-256 of its owner's signing key, as agreements have it; of one that nobody has approved there is none.",
    }),
    parameters: z.array(parameterSchema),
    approvals: approvalsSchema.optional(),
  })
  .meta({ id: "Template" });
const contentSchema = templateSchema
  .extend({ yaml: z.string(), words: z.array(z.string()) })
  .meta({ id: "TemplateContent" });
const toPartner = z.object({ yaml: yamlSchema, partner: nameSchema });
const kinds = z.object({ kind: z.string(), description: z.string() });

/** A run of a partner's template, instead of a request. */
export const templateRunSchema = z.object({
  name: z.string().min(1).max(64).meta({ description: "The template's name, or its id." }),
  set: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])).default({}),
  where: z.string().min(1).max(4096).optional().meta({ description: "A filter over our own rows." }),
  sink: z.string().optional().meta({ description: "One of our sinks, for the report." }),
});

export const templateRoutes = {
  listTemplates: route({
    method: "GET",
    path: "/api/v1/templates",
    roles: INFORMED,
    summary: "Lists the templates that hold or wait, ours first.",
    query: z.object({ former: z.enum(["yes", "no"]).default("no") }),
    answer: { status: 200, json: z.array(templateSchema) },
  }),
  listWaitingTemplates: route({
    method: "GET",
    path: "/api/v1/templates/waiting",
    roles: INFORMED,
    summary: "Lists the templates of ours that wait for people here, with who has approved them.",
    answer: { status: 200, json: z.array(templateSchema) },
  }),
  showTemplate: route({
    method: "GET",
    path: "/api/v1/templates/{id}",
    roles: INFORMED,
    summary: "Shows a template, its text, its parameters and what it allows.",
    params: identified,
    answer: { status: 200, json: contentSchema },
  }),
  exportTemplate: route({
    method: "GET",
    path: "/api/v1/templates/{id}/file",
    roles: INFORMED,
    summary: "Gives the signed file of a template of ours, for the partner.",
    params: identified,
    answer: { status: 200, text: ["application/json"] },
  }),
  listTemplateKinds: route({
    method: "GET",
    path: "/api/v1/template-kinds",
    roles: INFORMED,
    summary: "Lists the templates that come with the program, to begin with.",
    answer: { status: 200, json: z.array(kinds) },
  }),
  newTemplate: route({
    method: "GET",
    path: "/api/v1/template-kinds/{id}",
    roles: INFORMED,
    summary: "Gives one of them.",
    params: identified,
    answer: { status: 200, text: ["application/yaml"] },
  }),
  checkTemplate: route({
    method: "POST",
    path: "/api/v1/templates/check",
    roles: ANALYSTS,
    summary: "Says what publishing a template to a partner would allow; nothing is kept or signed.",
    body: toPartner,
    answer: {
      status: 200,
      json: disclosureSchema
        .extend({ name: z.string(), version: z.int(), words: z.array(z.string()) })
        .meta({ id: "TemplateDraft" }),
    },
  }),
  publishTemplate: route({
    method: "POST",
    path: "/api/v1/templates",
    roles: APPROVERS,
    summary:
      "Publishes a template: from now on the partner's runs within its ranges need nobody's approval here. Where the policy asks two people, it waits for the second.",
    body: toPartner,
    answer: { status: 200, json: contentSchema },
    changes: true,
  }),
  approveTemplate: route({
    method: "POST",
    path: "/api/v1/templates/{id}/approve",
    roles: APPROVERS,
    summary: "Approves a template that waits for another person.",
    params: identified,
    answer: { status: 200, json: contentSchema },
    changes: true,
  }),
  withdrawTemplate: route({
    method: "POST",
    path: "/api/v1/templates/{id}/withdraw",
    roles: APPROVERS,
    summary: "Ends a template of ours at once.",
    params: identified,
    answer: { status: 200, json: contentSchema },
    changes: true,
  }),
  importTemplate: route({
    method: "POST",
    path: "/api/v1/templates/import",
    roles: ANALYSTS,
    summary: "Takes in a template that a partner has signed for this node.",
    body: z.object({
      file: z
        .string()
        .min(1)
        .max(1 << 18)
        .meta({ description: "As the partner exported it." }),
    }),
    answer: { status: 200, json: contentSchema },
    changes: true,
  }),
  removeTemplate: route({
    method: "POST",
    path: "/api/v1/templates/{id}/remove",
    roles: ANALYSTS,
    summary: "Forgets a partner's template.",
    params: identified,
    answer: { status: 204 },
    changes: true,
  }),
};
