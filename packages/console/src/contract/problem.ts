// Errors: RFC 9457, application/problem+json.
import { z } from "zod";

export const PROBLEM_TYPE = "application/problem+json";

/** Problems of the request itself. All others are those of docs/errors.md, with the command line's own words. */
export const REQUEST_PROBLEMS = {
  malformed: { status: 400, title: "The request does not have the form that the endpoint takes." },
  unauthenticated: { status: 401, title: "Nobody is signed in with this request." },
  "code-needed": { status: 401, title: "The user's one-time code is needed too." },
  forbidden: { status: 403, title: "Whoever asks may not do this." },
  origin: { status: 403, title: "The request comes from a page of another site." },
  "no-endpoint": { status: 404, title: "There is no such endpoint." },
  method: { status: 405, title: "The endpoint has no such method." },
  "key-in-use": { status: 409, title: "A request with this idempotency key has not been answered yet." },
  "shown-once": { status: 409, title: "This was done, and its answer is not kept." },
  "too-large": { status: 413, title: "The request is too large." },
  media: { status: 415, title: "The body has another type than application/json." },
  host: { status: 421, title: "This name is not the console's own." },
  "key-of-another": { status: 422, title: "The idempotency key was used for another request." },
  "too-often": { status: 429, title: "There are too many requests." },
  ending: { status: 503, title: "The node is ending." },
} as const;
export type RequestProblem = keyof typeof REQUEST_PROBLEMS;

const faultSchema = z.object({
  line: z.int().optional(),
  field: z.string().meta({ description: "A dotted path." }),
  fault: z.string(),
  remedy: z.string(),
});

export const problemSchema = z
  .object({
    type: z.string().meta({ description: "urn:halfroom:error: and the code." }),
    title: z.string().meta({ description: "What the code means." }),
    status: z.int(),
    detail: z.string().meta({ description: "What is wrong, where, and what to do." }),
    code: z.string().meta({ description: "Stable: one of docs/errors.md or docs/api.md." }),
    problems: z.array(faultSchema).optional().meta({ description: "All faults of a file or a request." }),
    reasons: z
      .array(z.object({ code: z.string(), words: z.string() }))
      .optional()
      .meta({ description: "Of a refusal." }),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof problemSchema>;
