// Stored reports.
import { z } from "zod";
import {
  identified,
  kindSchema,
  moment,
  nameSchema,
  newPeopleSchema,
  oursAndTheirs,
  pageQuery,
} from "./common.ts";
import { ADMINISTRATORS, ANALYSTS, EVERYBODY } from "./roles.ts";
import { route } from "./route.ts";

const reportSchema = z
  .object({
    session: z.string(),
    partner: z.string(),
    kind: kindSchema.optional(),
    newPeople: newPeopleSchema,
    datasets: oursAndTheirs.optional(),
    createdAt: moment,
    sent: z
      .array(
        z.object({
          sink: z.string(),
          state: z.enum(["waiting", "delivered", "failed"]),
          at: moment,
          words: z.string(),
        }),
      )
      .optional()
      .meta({ description: "Which sinks have it, which are to get it, and which did not." }),
  })
  .meta({ id: "Report" });

/** The forms of a report, and what each is sent as. */
export const FORM_TYPES = {
  json: "application/json",
  csv: "text/csv; charset=utf-8",
  "csv-long": "text/csv; charset=utf-8",
  html: "text/html; charset=utf-8",
  statement: "text/plain; charset=utf-8",
  text: "text/plain; charset=utf-8",
} as const;

const COUNT_MAX = 2 ** 31;
const count = z.int().min(1).max(COUNT_MAX);
const activationBody = z.object({
  rule: z
    .discriminatedUnion("kind", [
      z.object({ kind: z.literal("top"), cohorts: count }),
      z.object({ kind: z.literal("people"), people: count }),
      z.object({
        kind: z.literal("index-over"),
        index: z.int().min(0).max(COUNT_MAX),
        surely: z.boolean().default(false),
      }),
    ])
    .default({ kind: "index-over", index: 120, surely: false }),
  partition: count.optional().meta({ description: "Which partition of the report, from 1." }),
  category: z
    .array(z.string().max(1024))
    .max(16)
    .optional()
    .meta({ description: "A label for each of the partner's columns, in order." }),
  form: z.enum(["json", "csv"]).default("json"),
});

export const reportRoutes = {
  sendReport: route({
    method: "POST",
    path: "/api/v1/reports/{id}/send",
    roles: ADMINISTRATORS,
    summary: "Writes a stored report to a sink at once, over what is there of it.",
    params: identified,
    body: z.object({ sink: nameSchema }),
    answer: { status: 200, json: z.object({ session: z.string() }) },
    changes: true,
  }),
  listReports: route({
    method: "GET",
    path: "/api/v1/reports",
    roles: EVERYBODY,
    summary: "Lists the stored reports, newest first.",
    query: pageQuery,
    answer: { status: 200, json: z.array(reportSchema) },
  }),
  showReport: route({
    method: "GET",
    path: "/api/v1/reports/{id}",
    roles: EVERYBODY,
    summary:
      "Gives a stored report: the document of docs/report.md, or another form. The id is a session's own or its hash.",
    params: identified,
    query: z.object({
      form: z.enum(["json", "csv", "csv-long", "html", "statement", "text"]).default("json"),
    }),
    answer: { status: 200, text: [...new Set(Object.values(FORM_TYPES))] },
  }),
  activateReport: route({
    method: "POST",
    path: "/api/v1/reports/{id}/activation",
    roles: ANALYSTS,
    summary:
      "Ranks our own cohorts by the index of a stored report, and chooses which to address; as `activate` writes it.",
    params: identified,
    body: activationBody,
    answer: { status: 200, text: [FORM_TYPES.json, FORM_TYPES.csv] },
  }),
};
