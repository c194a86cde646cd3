// Reports that repeat.
import { z } from "zod";
import { identified, kindSchema, moment, newPeopleSchema, oursAndTheirs } from "./common.ts";
import { FORM_TYPES } from "./reports.ts";
import { ANALYSTS, EVERYBODY } from "./roles.ts";
import { route } from "./route.ts";
import { releaseSchema, scheduleSchema } from "./terms.ts";

const runState = z.enum(["open", "taken", "done", "missed"]);
const seriesSchema = z
  .object({
    id: z.string(),
    series: z.string().meta({ description: "The hash of what both sides have signed." }),
    partner: z.string(),
    initiatedBy: z.enum(["us", "partner"]),
    report: kindSchema,
    newPeople: newPeopleSchema,
    datasets: oursAndTheirs,
    schedule: scheduleSchema,
    words: z.string().meta({ description: "The schedule in words." }),
    threshold: z.int(),
    release: releaseSchema,
    where: z.string().optional().meta({ description: "This side's own filter; the partner never sees it." }),
    agreedAt: moment,
    state: z.enum(["running", "done", "ended"]),
    ended: z.object({ at: moment, by: z.enum(["us", "partner"]) }).optional(),
    next: z.object({ number: z.int(), dueAt: moment }).optional(),
    counts: z.object({ open: z.int(), taken: z.int(), done: z.int(), missed: z.int() }),
    budget: z
      .object({ microEpsilon: z.int(), spent: z.int(), reserved: z.int(), returned: z.int() })
      .meta({ description: "Of all runs, in millionths of epsilon; 0 for exact reports." }),
  })
  .meta({ id: "Series" });
const runSchema = z.object({
  number: z.int(),
  dueAt: moment,
  untilAt: moment,
  state: runState,
  session: z.string().optional().meta({ description: "By which /api/v1/reports has the report." }),
  why: z.string().optional().meta({ description: "Why it was missed, or its last attempt failed." }),
  words: z.string(),
});
const contentSchema = seriesSchema.extend({ runs: z.array(runSchema) }).meta({ id: "SeriesContent" });

export const seriesRoutes = {
  listSeries: route({
    method: "GET",
    path: "/api/v1/series",
    roles: EVERYBODY,
    summary: "Lists the series, newest first: what ran, what is next, what is left of their budgets.",
    answer: { status: 200, json: z.array(seriesSchema) },
  }),
  showSeries: route({
    method: "GET",
    path: "/api/v1/series/{id}",
    roles: EVERYBODY,
    summary: "Shows a series and all its runs. The id is its own or its hash.",
    params: identified,
    answer: { status: 200, json: contentSchema },
  }),
  endSeries: route({
    method: "POST",
    path: "/api/v1/series/{id}/end",
    roles: ANALYSTS,
    summary: "Ends a series before its last run; what is reserved for it is free again.",
    params: identified,
    answer: { status: 200, json: contentSchema },
    changes: true,
  }),
  showTrend: route({
    method: "GET",
    path: "/api/v1/series/{id}/trend",
    roles: EVERYBODY,
    summary: "Gives the numbers of a series run by run, with intervals, and how far runs differ.",
    params: identified,
    query: z.object({ form: z.enum(["json", "csv", "html", "text"]).default("json") }),
    answer: { status: 200, text: [...new Set(Object.values(FORM_TYPES))] },
  }),
};
