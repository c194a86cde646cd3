import { listEvents, listTargets, retryEvents, testTarget } from "@halfroom/node";
import type { eventRoutes } from "../contract/events.ts";
import type { Handlers } from "./hands.ts";

export const eventHandlers: Handlers<keyof typeof eventRoutes> = {
  listEvents: ({ node }, { query }) => listEvents(node, query),
  listTargets: ({ node }) => listTargets(node),
  testTarget: ({ node }, { params: { name } }) => testTarget(node, name),
  retryEvents: ({ node }, { body }) => retryEvents(node, body),
};
