// The console as a function from requests to answers: every endpoint that `contract` declares, the page, and nothing else.
import { actingFor, actorText, type HalfroomNode, type nodeLog } from "@halfroom/node";
import { getConnInfo } from "@hono/node-server/conninfo";
import { Hono, type Context } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { takesKey, type Route, type SentEvent, type Text } from "../contract/route.ts";
import { ROUTES, type RouteName } from "../contract/routes.ts";
import type { Hands } from "../handlers/hands.ts";
import { HANDLERS } from "../handlers/handlers.ts";
import type { RunningJobs } from "../jobs/running-jobs.ts";
import { CSRF_HEADER, secretIn } from "./cookie.ts";
import { Door } from "./door.ts";
import { answerEvents, answerJson, answerProblem, answerText, jsonOf } from "./answers.ts";
import { guard, READING, type GuardOptions } from "./guard.ts";
import type { Limits, Rates } from "./limits.ts";
import { doOnce, type Answer } from "./once.ts";
import type { OpenId } from "./openid.ts";
import { addOpenId } from "./openid-routes.ts";
import { addPage, cachingOf, pageHeaders, type PageFiles } from "./page.ts";
import { problemOf } from "./problems.ts";
import { readRequest, type Read } from "./read-request.ts";
import { RequestError } from "./request-error.ts";
import { assertMay, callerOf, type Caller } from "./sign-in.ts";

export interface AppOptions extends GuardOptions {
  readonly openid: OpenId | undefined;
  readonly node: HalfroomNode;
  readonly jobs: RunningJobs;
  readonly log: Awaited<ReturnType<typeof nodeLog>>;
  readonly limits: Limits;
  readonly rates: Rates;
  readonly page: PageFiles;
  readonly company: string;
}

type Handler = (hands: Hands, asked: Read) => unknown;

/** Which endpoint a request is for. */
interface Known {
  Variables: { endpoint?: RouteName };
}
type Asking = Context<Known>;

export function appOf(options: AppOptions): Hono<Known> {
  const app = new Hono<Known>();
  app.onError((error, context) => answerError(options, context, error));
  app.notFound(() => {
    throw new RequestError("no-endpoint", "There is no such endpoint; /api/openapi.json lists them.");
  });
  const { page } = options;
  const isTls = options.scheme === "https";
  const [ofApi, ofPage] = [apiHeaders(isTls), pageHeaders(isTls)];
  app.use((context, next) => (page.has(context.req.path) ? ofPage : ofApi)(context, next));
  app.use(async (context, next) => {
    await next();
    const file = context.error === undefined ? page.get(context.req.path) : undefined;
    context.res.headers.set("cache-control", file === undefined ? "no-store" : cachingOf(file));
  });
  app.use(guard(options));
  addPage(app, page);
  const methods = { GET: app.get, POST: app.post, PATCH: app.patch, DELETE: app.delete };
  const routes = Object.entries<Route>(ROUTES) as [RouteName, Route][];
  for (const [name, route] of routes) {
    methods[route.method](honoPath(route), (context) => {
      context.set("endpoint", name);
      return answer(options, context, name);
    });
  }
  if (options.openid !== undefined) addOpenId(app, { ...options, openid: options.openid });
  for (const [path, taken] of methodsByPath(routes)) {
    app.all(path, () => {
      const words = `This endpoint takes ${taken.join(" and ")} only.`;
      throw new RequestError("method", words, { headers: { allow: taken.join(", ") } });
    });
  }
  return app;
}

/** What the API answers may neither run nor be framed. */
function apiHeaders(isTls: boolean) {
  return secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], sandbox: [] },
    xFrameOptions: "DENY",
    strictTransportSecurity: isTls,
  });
}

/** Hono writes `:id` for what OpenAPI writes as `{id}`. */
function honoPath({ path }: Route): string {
  return path.replace(/\{(\w+)\}/g, ":$1");
}

function methodsByPath(routes: readonly (readonly [RouteName, Route])[]): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  for (const [, route] of routes) {
    const path = honoPath(route);
    paths.set(path, [...(paths.get(path) ?? []), route.method]);
  }
  return paths;
}

async function answer(options: AppOptions, context: Asking, name: RouteName): Promise<Response> {
  const { node, jobs, log, limits } = options;
  const route: Route = ROUTES[name];
  const address = getConnInfo(context).remote.address ?? "";
  const caller = await letIn(options, context, route, address);
  const read = await readRequest(context, route, limits.bodyBytes);
  const gone = new AbortController();
  const by = caller === undefined ? "anyone" : actorText(caller.actor);
  log.info({ by, endpoint: name }, "asked");
  const acting = caller === undefined ? node : actingFor(node, caller.actor);
  const lastEvent = Number(/^\d{1,15}$/.exec(context.req.header("last-event-id") ?? "")?.[0] ?? 0);
  const door = new Door(options, context, caller, address);
  const cost = { logN: limits.passwordLogN };
  const hands: Hands = { node: acting, caller: by, door, cost, jobs, lastEvent, gone: gone.signal };
  const give = async () => await (HANDLERS[name] as Handler)(hands, read);
  const { answer: shape } = route;
  if ("text" in shape) return answerText((await give()) as Text);
  if ("events" in shape) {
    const events = (await give()) as AsyncIterable<SentEvent<unknown>>;
    const isStillIn = caller?.isStillIn ?? (() => Promise.resolve(true));
    const watching = { gone, isStillIn, aliveMs: limits.aliveMs };
    return answerEvents(context, { events, schema: shape.events }, watching);
  }
  const work = async (): Promise<Answer> => {
    const given = await give();
    const body = "json" in shape ? jsonOf(shape.json, given) : "";
    return { status: shape.status, body, headers: locationOf(name, given) };
  };
  return answerJson(context, await once(options, context, { name, caller, read }, work));
}

/** Rejects with RequestError `unauthenticated`, `forbidden`, `too-often`. */
async function letIn(
  options: AppOptions,
  context: Asking,
  route: Route,
  address: string,
): Promise<Caller | undefined> {
  const { node, rates } = options;
  const { req } = context;
  if (route.roles === "anyone") {
    await rates.ofStranger(address);
    return undefined;
  }
  const shown = {
    authorization: req.header("authorization"),
    secret: secretIn(context, options),
    csrf: req.header(CSRF_HEADER),
    changes: !READING.includes(route.method),
    address,
  };
  const caller = await callerOf(node, shown, rates);
  assertMay(caller, route);
  return caller;
}

async function once(
  { node }: AppOptions,
  { req }: Asking,
  { name, caller, read }: { name: RouteName; caller: Caller | undefined; read: Read },
  work: () => Promise<Answer>,
): Promise<Answer> {
  const route: Route = ROUTES[name];
  if (route.secret === true && req.header("idempotency-key") !== undefined)
    throw new RequestError("malformed", "This endpoint takes no idempotency key: leave the header out.");
  if (!takesKey(route) || caller === undefined) return await work();
  const keyed = {
    caller: actorText(caller.actor),
    key: req.header("idempotency-key"),
    request: [route.method, req.path, read.text],
    once: route.once === true,
  };
  return await doOnce(node, keyed, work);
}

/** Where a job that has begun is to be seen. */
function locationOf(name: RouteName, given: unknown): Record<string, string> {
  return name === "startRun" || name === "startBackup"
    ? { location: `/api/v1/jobs/${(given as { id: string }).id}` }
    : {};
}

/** A defect's words may quote data: the log has its name alone. */
function answerError({ log }: AppOptions, context: Asking, error: unknown): Response {
  const endpoint = context.get("endpoint");
  const answered = problemOf(error, endpoint !== undefined && ROUTES[endpoint].path.includes("{"));
  const { code, status } = answered.problem;
  if (code === "internal")
    log.error({ endpoint, words: (error as Error).name }, "a request could not be answered");
  else log.info({ endpoint, code, status }, "turned down");
  return answerProblem(answered);
}
