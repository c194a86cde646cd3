import { checkRequest, preview, type RunRequest } from "@halfroom/node";
import type { runRoutes } from "../contract/runs.ts";
import type { Handlers } from "./hands.ts";

export const runHandlers: Handlers<keyof typeof runRoutes> = {
  async checkRequest({ node }, { body }) {
    return { ahead: await checkRequest(node, requestOf(body)) };
  },
  previewRequest: ({ node }, { body }) => preview(node, requestOf(body)),
  startRun({ node, caller, jobs }, { body }) {
    return jobs.start(node, caller, { ...requestOf(body), anyway: body.anyway });
  },
  listJobs: ({ jobs }, { query }) => jobs.list(query),
  showJob: ({ jobs }, { params: { id } }) => jobs.read(id),
  watchJob({ jobs, lastEvent, gone }, { params: { id } }) {
    return jobs.watch(id, lastEvent, gone);
  },
  cancelJob: ({ jobs }, { params: { id } }) => jobs.cancel(id),
};

/** Messages about the request call it `yaml`, as the body's member is called. */
function requestOf({
  yaml,
  partner,
}: {
  readonly yaml: string;
  readonly partner?: string | undefined;
}): RunRequest {
  return { text: yaml, name: "yaml", partner };
}
