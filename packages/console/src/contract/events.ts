// What happened, and who was told of it.
import { z } from "zod";
import { moment, named, pageQuery } from "./common.ts";
import { ADMINISTRATORS, INFORMED, WATCHERS } from "./roles.ts";
import { route } from "./route.ts";

const stateSchema = z.enum(["waiting", "delivered", "failed"]);
const deliverySchema = z.object({
  target: z.string(),
  state: stateSchema,
  attempts: z.int(),
  at: moment.meta({ description: "When the next attempt is due, or when the last one was." }),
  words: z.string().meta({ description: "Why the last attempt failed; empty if none has." }),
});
const eventSchema = z
  .object({
    id: z.string(),
    type: z.string(),
    at: moment,
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    words: z.string(),
    deliveries: z.array(deliverySchema),
  })
  .meta({ id: "Event" });
const targetSchema = z
  .object({
    name: z.string(),
    kind: z.string(),
    place: z.string(),
    events: z.array(z.string()),
    late: z.int(),
    failed: z.int(),
  })
  .meta({ id: "Target" });
const ID_LENGTH_MAX = 64;

export const eventRoutes = {
  listEvents: route({
    method: "GET",
    path: "/api/v1/events",
    roles: INFORMED,
    summary: "What happened, newest first, and who was told of it.",
    query: pageQuery.extend({
      state: stateSchema.optional().meta({ description: "Those of which a delivery is in this state." }),
    }),
    answer: { status: 200, json: z.array(eventSchema) },
  }),
  listTargets: route({
    method: "GET",
    path: "/api/v1/targets",
    roles: WATCHERS,
    summary: "Who is told, and of what.",
    answer: { status: 200, json: z.array(targetSchema) },
  }),
  testTarget: route({
    method: "POST",
    path: "/api/v1/targets/{name}/test",
    roles: ADMINISTRATORS,
    summary: "Sends an event that says that nothing happened to one target, at once.",
    params: named,
    answer: {
      status: 200,
      json: z.object({
        target: z.string(),
        event: z.string(),
        failure: z.string().optional().meta({ description: "Why it failed; left out if it was delivered." }),
      }),
    },
    changes: true,
  }),
  retryEvents: route({
    method: "POST",
    path: "/api/v1/events/retry",
    roles: ADMINISTRATORS,
    summary: "Has what was not delivered tried anew: all of it, of one event, or to one target.",
    body: z.object({
      event: z.string().min(1).max(ID_LENGTH_MAX).optional(),
      target: z.string().min(1).max(ID_LENGTH_MAX).optional(),
    }),
    answer: { status: 200, json: z.object({ retried: z.int() }) },
    changes: true,
  }),
};
