// What config.yaml may say. Every setting has a default; an unknown one is an error, not a silent typo.
import { isAbsolute } from "node:path";
import { datasetSchema as datasetDefinition, keyLabelOf, type Dataset } from "@halfroom/prepare";
import { NAME_LENGTH_MAX } from "@halfroom/session";
import { DOOR_LIMITS, parseProxy, type DoorLimits, type IsInFront } from "@halfroom/transport";
import { z } from "zod";
import { bucketAndPrefix } from "../cluster/share.ts";
import { eventFields, targetNames } from "../events/settings.ts";
import { sinkFields } from "../sinks/settings.ts";
import { hasUnreadDates } from "../series/relative-dates.ts";
import { nameSchema } from "./names.ts";
import { inNetworks, networkOf } from "./networks.ts";
import { API_ROLES } from "../console/api-roles.ts";
import { policySchema } from "../policy/schema.ts";

/** The setting `proxy` that dials partners directly whatever the environment says. */
export const NO_PROXY = "none";

/** HOST:PORT; an IPv6 host goes in brackets. */
export const address = z
  .string()
  .regex(/^(?:[^\s:/[\]]+|\[[\da-fA-F:.]+\]):\d{1,5}$/, "give HOST:PORT")
  .refine((text) => Number(text.slice(text.lastIndexOf(":") + 1)) <= 65_535, "a port is at most 65535");

const PROXY = "give http://HOST:PORT, with USER:PASSWORD@ before it where the proxy asks for them, or none";
const proxy = z
  .string(PROXY)
  .refine((text) => ["", NO_PROXY].includes(text) || parseProxy(text) !== undefined, PROXY);

const REDIS =
  "give redis://HOST:PORT or rediss://HOST:PORT, with USER:PASSWORD@ before and /NUMBER behind where needed";
const redis = z.string(REDIS).refine((text) => text === "" || isRedis(text), REDIS);

function isRedis(text: string): boolean {
  if (!/^rediss?:\/\/[^\s]+$/.test(text) || !URL.canParse(text)) return false;
  const { hostname, pathname, search, hash } = new URL(text);
  return hostname !== "" && /^(?:\/\d{0,2})?$/.test(pathname) && search === "" && hash === "";
}

const OTLP =
  "give http://HOST:PORT or https://HOST of a collector, without what is behind it for each signal (/v1/...)";
const otlp = z.string(OTLP).refine((text) => text === "" || isCollector(text), OTLP);

function isCollector(text: string): boolean {
  return /^https?:\/\/[^\s?#]+$/.test(text) && URL.canParse(text) && !/\/v1(?:\/|$)/.test(text);
}

const SHARE =
  "give the absolute path of a folder that the leader and all workers see, or s3://BUCKET/PREFIX, the prefix of letters, digits, '.', '_', '-' and '/'";
const share = z
  .string(SHARE)
  .max(4096)
  .refine((text) => text === "" || isAbsolute(text) || bucketAndPrefix(text) !== undefined, SHARE);

const network = z
  .string()
  .refine((text) => networkOf(text) !== undefined, "give an IP address, or a network such as 10.0.0.0/8");

const percent = z.number().min(0).max(100);
const seconds = (least: number, most: number) => z.number().min(least).max(most);

/** The population of a dataset that names none. */
export const POPULATION_DEFAULT = "people";
const POPULATION = `Write a name, 1 to ${NAME_LENGTH_MAX} characters; give datasets over the same people the same one.`;

/** What a node adds to the definition of a dataset. */
export const nodeFields = {
  /** Datasets over the same people share a budget. */
  population: z
    .string(POPULATION)
    .min(1, POPULATION)
    .max(NAME_LENGTH_MAX, POPULATION)
    .default(POPULATION_DEFAULT),
};

export interface DatasetConfig {
  readonly definition: Dataset;
  readonly population: string;
  /** For each match key its label: the rules that both sides must share. */
  readonly keys: Readonly<Record<string, string>>;
  /** Names that a policy may allow. */
  readonly dimensions: readonly string[];
  readonly measures: readonly string[];
}

const UNREAD_DATE = "a date relative to a run is {run}, or for example {7 days before run}";

/** `datasets:` by name; each entry is a definition for `@halfroom/prepare`, without its name. */
export const datasetsSchema = z
  .record(nameSchema, z.record(z.string(), z.unknown()))
  .transform((entries, context) =>
    Object.fromEntries(
      Object.entries(entries).flatMap(([name, { population, ...definition }]) => {
        const ours = z.strictObject(nodeFields).safeParse({ population });
        const theirs = datasetDefinition.safeParse({ ...definition, name });
        for (const issue of [...(ours.error?.issues ?? []), ...(theirs.error?.issues ?? [])]) {
          context.addIssue({ code: "custom", path: [name, ...issue.path], message: issue.message });
        }
        if (theirs.success && hasUnreadDates(theirs.data.where ?? ""))
          context.addIssue({ code: "custom", path: [name, "where"], message: UNREAD_DATE });
        if (!ours.success || !theirs.success) return [];
        return [[name, toDataset(theirs.data, ours.data.population)] as const];
      }),
    ),
  );

function toDataset(definition: Dataset, population: string): DatasetConfig {
  const { dimensions, measures } = definition;
  const keys = Object.fromEntries(
    Object.keys(definition.match).map((key) => [key, keyLabelOf(definition, key)]),
  );
  return {
    definition,
    population,
    keys,
    dimensions: Object.keys(dimensions),
    measures: Object.keys(measures),
  };
}

const LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

/** The setting `console` that offers no HTTP API. */
export const NO_CONSOLE = "none";

const CONSOLE_URL = "give https://HOST or https://HOST:PORT, as people type it, without a path";
const consoleUrl = z.string(CONSOLE_URL).refine((text) => text === "" || isConsoleUrl(text), CONSOLE_URL);

/** Plain HTTP is for this machine alone. */
function isConsoleUrl(text: string): boolean {
  if (!/^https?:\/\/[^\s/?#@]+$/.test(text) || !URL.canParse(text)) return false;
  const { protocol, host } = new URL(text);
  return protocol === "https:" || isLocal(/:\d+$/.test(host) ? host : `${host}:80`);
}

const ISSUER = "give the provider's https://HOST/PATH, as its documents call the issuer";
const issuer = z.string(ISSUER).refine((text) => text === "" || isIssuer(text), ISSUER);

/** Plain HTTP is for this machine alone. */
function isIssuer(text: string): boolean {
  if (!/^https?:\/\/[^\s?#@]+$/.test(text) || !URL.canParse(text)) return false;
  const { protocol, host } = new URL(text);
  return protocol === "https:" || isLocal(/:\d+$/.test(host) ? host : `${host}:80`);
}

/** Signing in by OpenID Connect; the names of its fields are those of OpenID Connect Core 1.0. */
const openidFields = {
  /** The provider; empty: none. */
  openid_issuer: issuer.default(""),
  openid_client_id: z.string().max(1024).default(""),
  /** A file with the client's secret; a path, which starts at the node's folder. Empty: the client has none. */
  openid_client_secret: z.string().max(4096).default(""),
  /** What is asked for. */
  openid_scope: z
    .string()
    .regex(/^openid(?: \S+)*$/, "write `openid`, and others after blanks")
    .max(1024)
    .default("openid profile email"),
  /** The claim that a person is called by here. */
  openid_name: z.string().min(1).max(256).default("preferred_username"),
  /** The claim with the person's roles or groups: one text, or a list; dots lead into objects. */
  openid_role: z.string().min(1).max(256).default("roles"),
  /** What each of these may do here; of several the one that stands first. */
  openid_roles: z.record(z.string().min(1).max(1024), z.enum(API_ROLES)).default({}),
  /** What the button to sign in says. */
  openid_label: z.string().min(1).max(63).default("Single sign-on"),
};

/** The HTTP API: a listener of its own. */
const consoleFields = {
  /** Where the HTTP API answers; "none" for nowhere. */
  console: z.union([address, z.literal(NO_CONSOLE)], "give HOST:PORT, or none").default("127.0.0.1:7490"),
  /** Names by which it may be called, besides localhost, IP addresses and the host in `console`. */
  console_hosts: z.array(z.string().min(1).max(253)).max(64).default([]),
  /** Where people open it, if that is another address, such as a proxy's. */
  console_url: consoleUrl.default(""),
  /** Its TLS certificate with those that it was signed by, and the key, in PEM: paths, which start at the node's folder. */
  console_certificate: z.string().max(4096).default(""),
  console_key: z.string().max(4096).default(""),
  /** Whose node this is: stands at the head of the console's page, so that nobody takes one company's for another one's. */
  company: z.string().max(63).default(""),
};

/** What leader and workers of a node have in common. */
const clusterFields = {
  /** The Redis through which workers on other machines get their jobs; empty: this machine works alone. */
  redis: redis.default(""),
  /** The folder or the place in an object store through which jobs and their results go, sealed. */
  share: share.default(""),
  /** A collector of OpenTelemetry that is told of sessions, and of metrics while the node serves; of a worker, of its jobs; empty: nobody is. */
  otlp: otlp.default(""),
  log_level: z.enum(LEVELS).default("info"),
};

/** Those that a worker has besides: of the streams that shards have of their own. */
export const workerFields = {
  ...clusterFields,
  /** Where it listens for them; empty: a free port of the address from which Redis is reached, once there is one to wait for. */
  listen: z.union([address, z.literal("")]).default(""),
  /** Where the gateways, or the leader, reach that. Empty: at the address itself. */
  address: z.union([address, z.literal("")]).default(""),
  /** The HTTP proxy through which partners are dialled; "none" for no proxy at all; empty: what HTTPS_PROXY says. */
  proxy: proxy.default(""),
};

/** Flat on purpose: each key is also an environment variable. */
const fields = z.strictObject({
  /** Where `serve` listens for partners. */
  listen: address.default("127.0.0.1:7443"),
  /** Where partners reach this node; it goes into invitations. Empty: this node only dials out. */
  address: z.union([address, z.literal("")]).default(""),
  /** The HTTP proxy through which partners are dialled; "none" for no proxy at all; empty: what HTTPS_PROXY says. */
  proxy: proxy.default(""),
  /** Where /healthz, /readyz and /metrics answer; for this machine or the cluster, never for partners. */
  admin: address.default("127.0.0.1:7480"),
  /** Names that probes and Prometheus may call that port by, besides localhost, IP addresses and the host in `admin`. */
  admin_hosts: z.array(z.string().min(1).max(253)).max(64).default([]),
  /** Machines that stand in front and pass TCP on, each connection with a PROXY header that says who calls. */
  gateways: z.array(network).max(64).default([]),
  ...consoleFields,
  ...openidFields,
  ...clusterFields,
  ...eventFields,
  ...sinkFields,
  /** Whether the leader's own threads compute while a worker is there; without one they always do. */
  leader_computes: z.boolean().default(true),
  /** Where workers bring the streams of shards; empty: a free port of the address from which Redis is reached. */
  workers_listen: z.union([address, z.literal("")]).default(""),
  /** What they dial, if it is another address. */
  workers_address: z.union([address, z.literal("")]).default(""),
  /** What carries shards' frames to and from the partner: the session's connections, or, if both nodes say so, connections of their own. */
  shard_streams: z.enum(["session", "own"]).default("session"),
  /** Who dials the partner for these: workers themselves, or their leader, which then passes the connections on. */
  workers_dial: z.enum(["partner", "leader"]).default("partner"),
  /** Folder for temporary data, such as what large datasets spill; a relative path starts at the node's folder. */
  scratch: z.string().min(1).max(4096).default("scratch"),
  /** MiB of what a session holds of everybody that stay in memory; what goes beyond them lies in the scratch folder. */
  records_mib: z
    .int()
    .min(0)
    .max(2 ** 20)
    .default(256),
  /** How many sessions compute at the same time; others queue. */
  sessions_max: z.int().min(1).max(64).default(1),
  /** How many sessions may queue. */
  queue_max: z.int().min(0).max(1024).default(16),
  /** How many of them may be one partner's. */
  queue_partner_max: z.int().min(0).max(1024).default(4),
  /** How long a session keeps others waiting while its partner, who has not signed yet, says nothing. */
  turn_seconds: seconds(0.05, 86_400).default(10),
  /** How long `run` tries again while the partner is busy. */
  busy_seconds: seconds(0, 604_800).default(3600),
  /** How long `serve`, told to end, lets running sessions go on. */
  drain_seconds: seconds(0, 86_400).default(1800),
  /** Most rows of a dataset that cannot be used, and most people outside of a measure's bounds, with which a session goes on. */
  dropped_percent_max: percent.default(5),
  clipped_percent_max: percent.default(20),
  /** Worker threads; 0 means one for each core. */
  threads: z.int().min(0).max(1024).default(0),
  /** Connections that have not shown a pinned certificate: in all, and from one address. */
  strangers_max: z.int().min(1).max(10_000).default(DOOR_LIMITS.strangersMax),
  address_strangers_max: z.int().min(1).max(10_000).default(DOOR_LIMITS.addressStrangersMax),
  /** How long TLS may take, then the upgrade, then the first message. */
  handshake_seconds: seconds(1, 60).default(DOOR_LIMITS.handshakeMs / 1000),
  /** Handshakes with addresses from which no partner came lately, together; handshakes with one address. */
  handshakes_per_second: z.int().min(1).max(10_000).default(DOOR_LIMITS.handshakesPerSecond),
  address_handshakes_per_second: z.int().min(1).max(10_000).default(DOOR_LIMITS.addressHandshakesPerSecond),
  /** Connections of partners: of all, and of one. */
  connections_max: z.int().min(1).max(10_000).default(DOOR_LIMITS.connectionsMax),
  partner_connections_max: z.int().min(1).max(1024).default(DOOR_LIMITS.partnerConnectionsMax),
  /** New connections of one partner. */
  partner_connections_per_second: z
    .number()
    .min(0.1)
    .max(1000)
    .default(DOOR_LIMITS.partnerConnectionsPerSecond),
  /** How often a partner may ask to complete a session. */
  completions_per_hour: z.int().min(1).max(10_000).default(20),
  completions_per_day: z.int().min(1).max(10_000).default(60),
  /** How long a partner may stay silent within a stage. */
  idle_seconds: seconds(1, 86_400).default(300),
  /** How long a lost connection may take to come back; with 0 the session ends at once. */
  resume_seconds: seconds(0, 3600).default(60),
  /** How long a single stage may take in total. */
  stage_seconds: seconds(1, 604_800).default(14_400),
  /** How long connecting and proposing may take. */
  connect_seconds: seconds(1, 3600).default(30),
  /** How long a proposal waits for a person's approval. */
  approval_hours: z.number().min(0.0001).max(720).default(12),
  /** How old identity and vault become before somebody is told to replace them; 0 for any age. */
  rotate_days: z.number().min(0).max(3660).default(730),
  /** How long a proposal that came to nothing is kept after it would have lapsed. */
  refused_days: z.number().min(0).max(3660).default(7),
  /** How often the proposing side asks again in the meantime. */
  ask_seconds: seconds(0.05, 3600).default(5),
  /** How far a partner's clock may differ from this node's. */
  clock_seconds: seconds(1, 86_400).default(600),
  /** The public half of the key that opens what a replay needs; its private half is no business of the node's. */
  recovery_key: z
    .union([
      z.string().regex(/^[0-9a-f]{64}$/, "write the 64 digits that `halfroom recovery make` printed"),
      z.literal(""),
    ])
    .default(""),
  datasets: datasetsSchema.default({}),
  policies: z.array(policySchema).default([]),
});

/** Those that a gateway has as well. */
export const gatewaySchema = fields.pick({
  listen: true,
  admin: true,
  admin_hosts: true,
  gateways: true,
  strangers_max: true,
  address_strangers_max: true,
  handshake_seconds: true,
  handshakes_per_second: true,
  address_handshakes_per_second: true,
  connections_max: true,
  log_level: true,
});

export type GatewaySettings = z.infer<typeof gatewaySchema>;

export const settingsSchema = fields
  .refine((settings) => (settings.redis === "") === (settings.share === ""), {
    error: "`redis` and `share` go together: set both, or neither",
    path: ["share"],
  })
  .refine((settings) => (settings.console_certificate === "") === (settings.console_key === ""), {
    error: "`console_certificate` and `console_key` go together: set both, or neither",
    path: ["console_key"],
  })
  .refine((settings) => settings.openid_issuer === "" || settings.openid_client_id !== "", {
    error: "`openid_issuer` and `openid_client_id` go together: set both, or neither",
    path: ["openid_client_id"],
  })
  .refine((settings) => settings.openid_issuer === "" || Object.keys(settings.openid_roles).length > 0, {
    error: "nobody could sign in: write `openid_roles` for `openid_issuer`",
    path: ["openid_roles"],
  })
  .refine((settings) => new Set(targetNames(settings)).size === targetNames(settings).length, {
    error:
      "no two targets may have one name, since commands name them: rename one of `webhooks`, `mail_to` and `sinks`",
    path: ["mail_to"],
  })
  .refine((settings) => Object.keys(settings.mail_to).length === 0 || settings.mail_server !== "", {
    error: "nothing can be mailed without a server: set `mail_server`",
    path: ["mail_server"],
  })
  .refine((settings) => settings.mail_server === "" || settings.mail_from !== "", {
    error: "`mail_server` and `mail_from` go together: set both, or neither",
    path: ["mail_from"],
  })
  .refine((settings) => settings.console_certificate !== "" || isLocal(settings.console), {
    error:
      "an address that other machines reach needs TLS, or tokens would pass in the clear: set `console_certificate` and `console_key`, or listen on 127.0.0.1 behind a proxy",
    path: ["console"],
  });

/** Whether nobody but this machine reaches it. */
function isLocal(listen: string): boolean {
  const host = listen.slice(0, listen.lastIndexOf(":"));
  return (
    listen === NO_CONSOLE || host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host)
  );
}

export type Settings = z.infer<typeof settingsSchema>;

/** How patient connections are, in milliseconds. */
export function patience(settings: Pick<Settings, "idle_seconds" | "resume_seconds">) {
  return { idleMs: settings.idle_seconds * 1000, resumeMs: settings.resume_seconds * 1000 };
}

/** Whom a gateway lets in, and how many. */
export function gatewayLimits(settings: GatewaySettings): DoorLimits {
  return {
    ...DOOR_LIMITS,
    strangersMax: settings.strangers_max,
    addressStrangersMax: settings.address_strangers_max,
    handshakeMs: settings.handshake_seconds * 1000,
    handshakesPerSecond: settings.handshakes_per_second,
    addressHandshakesPerSecond: settings.address_handshakes_per_second,
    connectionsMax: settings.connections_max,
  };
}

/** Whether an address is of a machine in front. */
export function inFront({ gateways }: Pick<Settings, "gateways">): IsInFront {
  return inNetworks(gateways.map((text) => networkOf(text)!));
}

/** Whom a serving node lets in, and how many. */
export function doorLimits(settings: Settings): DoorLimits {
  return {
    ...gatewayLimits(settings),
    partnerConnectionsMax: settings.partner_connections_max,
    partnerConnectionsPerSecond: settings.partner_connections_per_second,
  };
}

/** How many sessions compute, and how many wait. */
export function turnLimits(settings: Settings) {
  return {
    sessionsMax: settings.sessions_max,
    queueMax: settings.queue_max,
    queuePartnerMax: settings.queue_partner_max,
    silentMs: settings.turn_seconds * 1000,
  };
}
