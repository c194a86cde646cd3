// Where events go: webhooks and mail, each target under a name of its own, with the events that it is told of.
import { z } from "zod";
import { nameSchema } from "../config/names.ts";
import { EVENT_TYPES, EVENTS, type EventType } from "./kinds.ts";

const TARGETS_MAX = 64;
const PATH_LENGTH_MAX = 4096;

/** Whether nobody but this machine is meant; `host` as in a URL. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

const PLAIN =
  "what goes to another machine goes over TLS: write https://, or `plain: true` if the line is safe";
const URL_WORDS = "give https://HOST/PATH, without a name and password";

const type = z.enum(
  EVENT_TYPES.filter((each) => each !== "test") as [EventType, ...EventType[]],
  `name events: ${EVENT_TYPES.filter((each) => each !== "test").join(", ")}`,
);
const types = z.array(type).min(1);
const file = z.string().min(1).max(PATH_LENGTH_MAX);

const webhook = z
  .strictObject({
    url: z.string(URL_WORDS).max(PATH_LENGTH_MAX).refine(isHttp, URL_WORDS),
    /** A file with the secret that messages are signed with, or, while it is replaced, with two, a line each. */
    secret: file,
    /** All where nothing is said. */
    events: types.default([...EVENT_TYPES]),
    /** Without TLS to another machine too. */
    plain: z.boolean().default(false),
  })
  .refine(
    ({ url, plain }) => plain || new URL(url).protocol === "https:" || isLoopback(new URL(url).hostname),
    {
      error: PLAIN,
      path: ["url"],
      when: ({ issues }) => issues.length === 0,
    },
  );

function isHttp(text: string): boolean {
  if (!/^https?:\/\/[^\s#@]+$/.test(text) || !URL.canParse(text)) return false;
  return new URL(text).hostname !== "";
}

const SERVER = "give smtps://HOST:PORT, or smtp://HOST:PORT for a server that changes to TLS by STARTTLS";
const server = z.string(SERVER).refine((text) => text === "" || isServer(text), SERVER);

function isServer(text: string): boolean {
  if (!/^smtps?:\/\/[^\s/?#@]+$/.test(text) || !URL.canParse(text)) return false;
  const { hostname, port } = new URL(text);
  return hostname !== "" && port !== "";
}

const MAILBOX = "give an address, as in ops@example.com";
/** What stands between angle brackets of RFC 5322, in its everyday form. */
const mailbox = z
  .string(MAILBOX)
  .max(254)
  .regex(/^[^\s<>@,;:"()[\]\\]+@[^\s<>@,;:"()[\]\\]+$/, MAILBOX);

const mailTarget = z.strictObject({
  addresses: z.array(mailbox).min(1).max(TARGETS_MAX),
  /** Those that ask somebody to do something where nothing is said. */
  events: types.default(EVENT_TYPES.filter((each) => EVENTS[each].asks)),
});

const named = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .record(nameSchema, schema)
    .refine((entries) => Object.keys(entries).length <= TARGETS_MAX, `at most ${TARGETS_MAX}`)
    .default({} as never);

export const eventFields = {
  /** What is told by HTTP, signed by the rules of Standard Webhooks. */
  webhooks: named(webhook),
  /** The SMTP server; empty: nothing is mailed. */
  mail_server: server.default(""),
  /** The account there; empty: it asks for none. */
  mail_user: z.string().max(1024).default(""),
  /** A file with the account's password; a path, which starts at the node's folder. */
  mail_password: z.string().max(PATH_LENGTH_MAX).default(""),
  /** Whom mail is from. */
  mail_from: z.union([mailbox, z.literal("")], MAILBOX).default(""),
  mail_to: named(mailTarget),
  /** How long events are kept, longer only while they wait to be delivered. */
  events_days: z.number().min(0.01).max(3660).default(30),
};

export type Webhook = z.output<typeof webhook>;
export type MailTarget = z.output<typeof mailTarget>;

interface Targets {
  readonly webhooks: Readonly<Record<string, unknown>>;
  readonly mail_to: Readonly<Record<string, unknown>>;
  readonly sinks: Readonly<Record<string, unknown>>;
}

export function targetNames({ webhooks, mail_to: mails, sinks }: Targets): string[] {
  return [...Object.keys(webhooks), ...Object.keys(mails), ...Object.keys(sinks)];
}
