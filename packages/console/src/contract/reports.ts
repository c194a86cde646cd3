// Stored reports.
import { z } from "zod";
import { identified, kindSchema, moment, oursAndTheirs, pageQuery } from "./common.ts";
import { EVERYBODY } from "./roles.ts";
import { route } from "./route.ts";

const reportSchema = z
  .object({
    session: z.string(),
    partner: z.string(),
    kind: kindSchema.optional(),
    datasets: oursAndTheirs.optional(),
    createdAt: moment,
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

export const reportRoutes = {
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
};
