// What the HTTP API of packages/console keeps in the node: its settings, its jobs, and what it has answered under which key.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Logger } from "pino";
import { NO_CONSOLE, type Settings } from "../config/schema.ts";
import type { ApiRole } from "../console/api-roles.ts";
import type { Claim, KeyedRequest } from "../console/answered.ts";
import type { JobEnd, JobRecord } from "../console/jobs.ts";
import { codeOf, OperatorError } from "../errors.ts";
import { openLog } from "../serve/log.ts";
import type { Page } from "../store/page.ts";
import { withState, type HalfroomNode } from "./node.ts";

export { isOwnHost } from "../serve/own-host.ts";

export interface ConsoleSettings {
  /** HOST:PORT; undefined if there is to be none. */
  readonly address: string | undefined;
  /** Names by which it may be called, besides localhost, IP addresses and the host of `address`. */
  readonly hosts: readonly string[];
  /** Where people open it; empty if that is `address`. */
  readonly url: string;
  /** In PEM; undefined for plain HTTP. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined;
  readonly drainSeconds: number;
  /** Whose node this is; empty if nobody has said. */
  readonly company: string;
  /** The identity provider, if there is one. */
  readonly openid: OpenIdSettings | undefined;
}

/** How people sign in by OpenID Connect; see the settings of these names. */
export interface OpenIdSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly scope: string;
  readonly name: string;
  readonly role: string;
  /** In the order in which they are looked for. */
  readonly roles: readonly (readonly [claimed: string, role: ApiRole])[];
  readonly label: string;
}

/** Rejects with OperatorError `file` for a certificate or key that cannot be read. */
export async function consoleSettings(node: HalfroomNode): Promise<ConsoleSettings> {
  return await withState(node, async ({ folder, settings }) => {
    const { console, console_hosts: hosts, console_url: url } = settings;
    const { console_certificate: certificate, console_key: key } = settings;
    const read = (path: string) => readText(resolve(folder.path, path));
    return {
      address: console === NO_CONSOLE ? undefined : console,
      hosts,
      url,
      tls: certificate === "" ? undefined : { certificate: await read(certificate), key: await read(key) },
      drainSeconds: settings.drain_seconds,
      company: settings.company,
      openid: await openidSettings(settings, read),
    };
  });
}

async function openidSettings(
  settings: Settings,
  read: (path: string) => Promise<string>,
): Promise<OpenIdSettings | undefined> {
  const { openid_issuer: issuer, openid_client_id: clientId, openid_client_secret: file } = settings;
  if (issuer === "") return undefined;
  return {
    issuer,
    clientId,
    clientSecret: file === "" ? undefined : (await read(file)).trim(),
    scope: settings.openid_scope,
    name: settings.openid_name,
    role: settings.openid_role,
    roles: Object.entries(settings.openid_roles),
    label: settings.openid_label,
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new OperatorError("file", `Cannot read ${path} (${codeOf(cause)}); the console needs it.`, {
      cause,
    });
  }
}

/** The node's log, on stderr, one JSON object a line, as the setting `log_level` says. */
export async function nodeLog(node: HalfroomNode): Promise<Logger> {
  return await withState(node, ({ settings }) => openLog(settings));
}

/** Takes the key for the request, or says what came of it before. */
export async function claimKey(node: HalfroomNode, request: KeyedRequest): Promise<Claim> {
  return await withState(node, ({ answered, clock }) => answered.claim(request, clock.now()));
}

/** Keeps an answer for whoever asks again under the key, or with `undefined` frees the key. */
export async function settleKey(
  node: HalfroomNode,
  request: KeyedRequest,
  answer: string | undefined,
): Promise<void> {
  await withState(node, ({ answered }) => {
    if (answer === undefined) answered.free(request);
    else answered.keep(request, answer);
  });
}

/** Writes down that this process begins a job; returns its id. */
export async function beginJob(node: HalfroomNode, kind: JobRecord["kind"], caller: string): Promise<string> {
  return await withState(node, ({ jobs, clock }) => jobs.begin(kind, caller, clock.now()));
}

/** The session that a job works on, by its short id. */
export async function noteSession(node: HalfroomNode, id: string, session: string): Promise<void> {
  await withState(node, ({ jobs }) => jobs.worksOn(id, session));
}

export async function endJob(node: HalfroomNode, id: string, end: JobEnd): Promise<void> {
  await withState(node, ({ jobs, clock }) => jobs.end(id, end, clock.now()));
}

/** Rejects with OperatorError `no-job`. */
export async function readJob(node: HalfroomNode, id: string): Promise<JobRecord> {
  return await withState(node, ({ jobs }) => jobs.get(id));
}

/** Newest first: all, or a page of them. Rejects with OperatorError `no-session`, if `before` is none. */
export async function listJobs(node: HalfroomNode, page: Page = {}): Promise<JobRecord[]> {
  return await withState(node, ({ jobs }) => jobs.list(page));
}
