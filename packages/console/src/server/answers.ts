// How answers are written: JSON with nothing in it that a terminal obeys, text as a file to keep, events as a stream.
import { plainJson } from "@halfroom/report";
import { detached, guarded, ignored } from "@halfroom/wire";
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { StatusCode } from "hono/utils/http-status";
import type { z } from "zod";
import type { Answer } from "./once.ts";
import type { AnsweredProblem } from "./problems.ts";
import { PROBLEM_TYPE } from "../contract/problem.ts";
import type { SentEvent, Text } from "../contract/route.ts";

const JSON_TYPE = "application/json";

/** What the schema does not name is left out. */
export function jsonOf(schema: z.ZodType, value: unknown): string {
  return plainJson(schema.parse(value));
}

/** With the cookies that were set; a body that is empty is none. */
export function answerJson(context: Context, { status, body, headers }: Answer): Response {
  const code = status as StatusCode;
  if (body === "") return context.newResponse(null, code, { ...headers });
  return context.newResponse(body, code, { "content-type": JSON_TYPE, ...headers });
}

export function answerText({ text, type, name }: Text): Response {
  const ending = type.split(";")[0]!.split("/")[1]!.replace("plain", "txt");
  const headers = { "content-type": type, "content-disposition": `attachment; filename="${name}.${ending}"` };
  return new Response(text, { headers });
}

export function answerProblem({ problem, headers }: AnsweredProblem): Response {
  const body = plainJson(problem);
  return new Response(body, {
    status: problem.status,
    headers: { "content-type": PROBLEM_TYPE, ...headers },
  });
}

interface Watching {
  /** Aborted once nobody is told any more. */
  readonly gone: AbortController;
  readonly isStillIn: () => Promise<boolean>;
  /** How often that is asked. */
  readonly aliveMs: number;
}

/** Sends events as they come, and a comment now and then; ends early once `isStillIn` says no. */
export function answerEvents(
  context: Context,
  { events, schema }: { readonly events: AsyncIterable<SentEvent<unknown>>; readonly schema: z.ZodType },
  { gone, isStillIn, aliveMs }: Watching,
): Response {
  return streamSSE(context, async (stream) => {
    stream.onAbort(() => gone.abort());
    const beat = async () => {
      if (!(await isStillIn())) gone.abort();
      else await stream.write(": still here\n\n");
    };
    const timer = setInterval(
      guarded(() => detached(beat, () => gone.abort()), ignored),
      aliveMs,
    );
    try {
      for await (const { id, data } of events) await stream.writeSSE({ id, data: jsonOf(schema, data) });
    } finally {
      clearInterval(timer);
    }
  });
}
