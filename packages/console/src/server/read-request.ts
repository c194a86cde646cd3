// What a request says, checked against what its endpoint takes. Values are never quoted back: they may be anything.
import type { Context } from "hono";
import type { z } from "zod";
import type { Route } from "../contract/route.ts";
import { RequestError } from "./request-error.ts";

export interface Read {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  /** The body as it came. */
  readonly text: string;
}

/** `bytesMax`: of a body. Rejects with RequestError `malformed`, `media`, `too-large`. */
export async function readRequest(
  context: Context,
  { params, query, body }: Route,
  bytesMax: number,
): Promise<Read> {
  const text = await textOf(context, bytesMax);
  const faults: z.core.$ZodIssue[] = [];
  const read = {
    params: checked("path", params, context.req.param(), faults),
    query: checked("query", query, queryOf(context), faults),
    body: body === undefined ? {} : checked("body", body, bodyOf(context, text), faults),
    text,
  };
  if (body === undefined && text !== "" && text !== "{}")
    throw new RequestError("malformed", "This endpoint takes no body; leave it out.");
  if (faults.length === 0) return read;
  const problems = faults.map(faultOf);
  const words = problems.map(({ field, fault, remedy }) => `${field}: ${fault}. ${remedy}.`);
  throw new RequestError("malformed", words.join("\n"), { problems });
}

/** What is too large is not read to its end. */
async function textOf({ req }: Context, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = Number(req.header("content-length") ?? 0);
  const assertFits = (): void => {
    if (bytes <= bytesMax) return;
    throw new RequestError("too-large", `A body has at most ${bytesMax} bytes.`);
  };
  assertFits();
  bytes = 0;
  for await (const chunk of req.raw.body ?? []) {
    bytes += chunk.length;
    assertFits();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function checked(
  place: string,
  schema: z.ZodObject | undefined,
  value: unknown,
  faults: z.core.$ZodIssue[],
): unknown {
  if (schema === undefined) return {};
  const result = schema.strict().safeParse(value, { reportInput: false });
  if (result.success) return result.data;
  faults.push(...result.error.issues.map((issue) => ({ ...issue, path: [place, ...issue.path] })));
  return undefined;
}

/** A parameter that is given twice is not ours to choose from. */
function queryOf({ req }: Context): Record<string, string> {
  const given = Object.entries(req.queries());
  const twice = given.find(([, values]) => values.length > 1);
  if (twice !== undefined) throw new RequestError("malformed", "The query has a parameter more than once.");
  return Object.fromEntries(given.map(([name, [value]]) => [name, value!]));
}

function bodyOf({ req }: Context, text: string): unknown {
  const type = req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json")
    throw new RequestError("media", "The body must be JSON, sent with content-type: application/json.");
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestError("malformed", "The body is not valid JSON.");
  }
}

function faultOf(issue: z.core.$ZodIssue): { field: string; fault: string; remedy: string } {
  const field = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys")
    return {
      field,
      fault: "it has members that the endpoint does not know",
      remedy: "Correct their spelling, or leave them out",
    };
  const fault = issue.code === "custom" ? "it does not fit" : "it is missing or not valid";
  return { field, fault, remedy: issue.message };
}
