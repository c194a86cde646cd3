import { checkRequest, preview, type RunRequest, type TemplateSource } from "@halfroom/node";
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

interface Body {
  readonly yaml?: string | undefined;
  readonly template?:
    | {
        readonly name: string;
        readonly set: TemplateSource["set"];
        readonly where?: string | undefined;
        readonly sink?: string | undefined;
      }
    | undefined;
  readonly partner?: string | undefined;
}

/** Messages about the request call it `yaml`, as the body's member is called. */
function requestOf({ yaml = "", template, partner }: Body): RunRequest {
  if (template === undefined) return { text: yaml, name: "yaml", partner };
  const { name, ...more } = template;
  return { ...more, template: name, partner };
}
