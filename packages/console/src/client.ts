// A typed client of the console: a function for each endpoint, its arguments and answers those that the declarations say. It needs `fetch`
// and nothing of Node, so a page can use it too.
import { EventSourceParserStream } from "eventsource-parser/stream";
import type { z } from "zod";
import { problemSchema, type Problem } from "./contract/problem.ts";
import type { Route, SentEvent } from "./contract/route.ts";
import { ROUTES, type RouteName, type Routes } from "./contract/routes.ts";

export { ROUTES } from "./contract/routes.ts";
export type { Route } from "./contract/route.ts";
export { ROLES, type Role } from "./contract/roles.ts";
export type { Problem } from "./contract/problem.ts";
export type { JobEvent } from "./contract/runs.ts";

export interface ClientOptions {
  /** Of the console, such as https://node.example.com:7490. */
  readonly url: string;
  readonly token?: string | undefined;
  /** Of a page whose person has signed in: what `signIn` and `showMe` answer as `csrf`. */
  readonly csrf?: () => string | undefined;
  /** Instead of the global one, for example one that trusts a certificate of your own. */
  readonly fetch?: typeof fetch;
}

/** What goes with any request. */
export interface CallOptions {
  readonly idempotencyKey?: string;
  /** Of a stream of events: the id of the last one that was seen. */
  readonly lastEventId?: string;
  readonly signal?: AbortSignal;
}

type Part<R, Name extends string> = R extends { readonly [Key in Name]: infer Schema extends z.ZodType }
  ? z.input<Schema>
  : Record<never, never>;
/** Parameters of path and query and the members of the body, in one record: no endpoint has two of a name. */
export type Arguments<R extends Route> = Part<R, "params"> & Part<R, "query"> & Part<R, "body">;

export type Answered<R extends Route> = R["answer"] extends { readonly json: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : R["answer"] extends { readonly text: readonly string[] }
    ? string
    : R["answer"] extends { readonly events: infer Schema extends z.ZodType }
      ? AsyncGenerator<SentEvent<z.output<Schema>>>
      : undefined;

export type Client = {
  readonly [Name in RouteName]: Record<never, never> extends Arguments<Routes[Name]>
    ? (given?: Arguments<Routes[Name]>, options?: CallOptions) => Promise<Answered<Routes[Name]>>
    : (given: Arguments<Routes[Name]>, options?: CallOptions) => Promise<Answered<Routes[Name]>>;
};

/** What the console answered a request with that it did not do. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** Rejects, in each of its functions, with ProblemError, and with what `fetch` rejects with. */
export function createClient(options: ClientOptions): Client {
  const names = Object.keys(ROUTES) as RouteName[];
  const functions = names.map((name) => {
    const call = (given: Given = {}, choice: CallOptions = {}) => ask(options, ROUTES[name], given, choice);
    return [name, call] as const;
  });
  return Object.fromEntries(functions) as unknown as Client;
}

type Given = Readonly<Record<string, unknown>>;

async function ask(
  { url, token, csrf, fetch: send = globalThis.fetch }: ClientOptions,
  route: Route,
  given: Given,
  { idempotencyKey, lastEventId, signal }: CallOptions,
): Promise<unknown> {
  const { method, query, body, answer } = route;
  const address = new URL(pathOf(route, given), url);
  for (const [name, value] of Object.entries(membersOf(query, given)))
    if (typeof value === "string" || typeof value === "number") address.searchParams.set(name, `${value}`);
  const response = await send(address, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(method !== "GET" && csrf?.() !== undefined && { "x-halfroom-csrf": csrf()! }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
      ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
    },
    ...(body !== undefined && { body: JSON.stringify(membersOf(body, given)) }),
    ...(signal !== undefined && { signal }),
  });
  if (!response.ok) throw await problemIn(response);
  if ("json" in answer) return answer.json.parse(await response.json());
  if ("text" in answer) return await response.text();
  return "events" in answer ? eventsIn(response, answer.events) : undefined;
}

function pathOf({ path }: Route, given: Given): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(given[name])));
}

/** Those that the schema names. */
function membersOf(schema: z.ZodObject | undefined, given: Given): Given {
  const names = Object.keys(schema?.shape ?? {});
  return Object.fromEntries(names.filter((name) => name in given).map((name) => [name, given[name]]));
}

/** Something else than the console may have answered. */
async function problemIn(response: Response): Promise<Error> {
  const text = await response.text();
  try {
    return new ProblemError(problemSchema.parse(JSON.parse(text)));
  } catch {
    return new Error(`The answer has status ${response.status} and says nothing else that is understood.`);
  }
}

async function* eventsIn(response: Response, schema: z.ZodType): AsyncGenerator<SentEvent<unknown>> {
  const events = response
    .body!.pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  for await (const { id = "", data } of events) yield { id, data: schema.parse(JSON.parse(data)) };
}
