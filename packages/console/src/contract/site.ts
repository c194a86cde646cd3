// The node itself: what it is, how it is, its workers, the people who opted out, and who may use this interface.
import { z } from "zod";
import { moment, named, nameSchema, roleSchema, textSchema } from "./common.ts";
import { ADMINISTRATORS, EVERYBODY, INFORMED, WATCHERS } from "./roles.ts";
import { route } from "./route.ts";

const workSchema = z.object({ blocks: z.int(), seconds: z.number(), ownStreams: z.int() });
const workerSchema = z.object({ name: z.string(), fingerprint: z.string(), addedAt: moment });
const clusterSchema = z.object({
  redis: z.string(),
  share: z.string(),
  shardStreams: z.enum(["session", "own"]),
  workersDial: z.enum(["partner", "leader"]),
  workers: z.array(
    workerSchema.extend({
      connected: z.object({ threads: z.int(), lastSeenAt: moment }).optional(),
      lately: workSchema,
    }),
  ),
  strangers: z.int(),
  jobs: z.array(z.object({ kind: z.string(), state: z.string(), count: z.int() })),
  blocksPerMinute: z.number(),
  waitingSince: moment.optional(),
});

const columns = z
  .record(z.string(), z.array(z.string().min(1)).min(1))
  .default({})
  .meta({ description: "The columns of each match key, if they are not named after the keys." });
const hashed = z.boolean().default(false).meta({ description: "The file holds SHA-256 digests." });
const PATH_LENGTH_MAX = 4096;
const IDENTIFIER_LENGTH_MAX = 1024;
/** A file on the node's machine, the text of one, or one person. */
const optOutBody = z
  .object({
    file: z
      .string()
      .min(1)
      .max(PATH_LENGTH_MAX)
      .optional()
      .meta({ description: "A CSV, NDJSON or Parquet file on the node's machine." }),
    csv: textSchema.optional().meta({ description: "Instead: the text of a CSV file." }),
    person: z
      .object({ key: z.string().min(1).max(256), identifier: z.string().min(1).max(IDENTIFIER_LENGTH_MAX) })
      .optional()
      .meta({
        description:
          "Instead: one person, by the identifier of a match key; one that cannot be read is the problem `identifier`, and nothing is done.",
      }),
    columns,
    hashed,
  })
  .refine(
    ({ file, csv, person }) => [file, csv, person].filter((each) => each !== undefined).length === 1,
    "give one of file, csv and person",
  );
const unreadSchema = z.array(z.object({ reason: z.string(), rows: z.int(), examples: z.array(z.int()) }));
const found = z.record(z.string(), z.int());

const subjectSchema = z
  .object({
    found,
    unread: unreadSchema,
    datasets: z.array(
      z.object({
        dataset: z.string(),
        by: z.array(z.object({ key: z.string(), people: z.int(), rows: z.int(), columns: found })),
      }),
    ),
    unreadable: z.array(z.string()),
    suppressed: z.int(),
    pseudonyms: found,
    seen: found,
    keptSessions: z.array(z.string()),
  })
  .meta({ id: "Subject" });
const tokenSchema = z
  .object({
    name: z.string(),
    role: roleSchema,
    state: z.enum(["valid", "expired", "revoked"]),
    createdAt: moment,
    expiresAt: moment,
    revokedAt: moment.optional(),
  })
  .meta({ id: "Token" });
const DAYS_MAX = 366;

export const siteRoutes = {
  openapi: route({
    method: "GET",
    path: "/api/openapi.json",
    roles: "anyone",
    summary: "This interface as an OpenAPI document.",
    answer: { status: 200, json: z.record(z.string(), z.unknown()) },
  }),
  showVersion: route({
    method: "GET",
    path: "/api/v1/version",
    roles: EVERYBODY,
    summary: "What this program is, and who the node is to its partners.",
    answer: {
      status: 200,
      json: z.object({
        version: z.string(),
        commit: z.string(),
        kernel: z.string(),
        protocols: z.array(z.string()),
        fingerprint: z.string(),
      }),
    },
  }),
  runDoctor: route({
    method: "GET",
    path: "/api/v1/doctor",
    roles: WATCHERS,
    summary: "Looks for whatever would keep the node from working; dials each partner.",
    answer: {
      status: 200,
      json: z.array(
        z.object({ what: z.string(), state: z.enum(["ok", "warning", "fault"]), words: z.string() }),
      ),
    },
  }),
  listEndings: route({
    method: "GET",
    path: "/api/v1/endings",
    roles: INFORMED,
    summary:
      "What ends within a month, or has ended, and needs somebody: policies, templates, tokens, the node's certificate.",
    answer: {
      status: 200,
      json: z.array(
        z
          .object({
            what: z.enum(["certificate", "identity", "vault", "policy", "template", "token"]),
            partner: z.string().optional(),
            dataset: z.string().optional(),
            template: z
              .object({ id: z.string(), owner: z.enum(["us", "partner"]), name: z.string() })
              .optional(),
            token: z.string().optional(),
            at: moment,
          })
          .meta({ id: "Ending" }),
      ),
    },
  }),
  showCluster: route({
    method: "GET",
    path: "/api/v1/cluster",
    roles: WATCHERS,
    summary: "Workers, their jobs and rates.",
    answer: { status: 200, json: clusterSchema },
  }),
  addWorker: route({
    method: "POST",
    path: "/api/v1/cluster/workers",
    roles: ADMINISTRATORS,
    summary: "Lets a worker take part, by the request that it printed.",
    body: z.object({ request: z.string().min(1).max(1024), name: nameSchema.optional() }),
    answer: { status: 201, json: workerSchema },
    changes: true,
  }),
  removeWorker: route({
    method: "DELETE",
    path: "/api/v1/cluster/workers/{name}",
    roles: ADMINISTRATORS,
    summary: "Gives a worker no further key.",
    params: named,
    answer: { status: 204 },
    changes: true,
  }),
  listSuppressed: route({
    method: "GET",
    path: "/api/v1/suppressed",
    roles: WATCHERS,
    summary: "How much is on the list of people who opted out, and since when.",
    answer: { status: 200, json: z.array(z.object({ addedAt: moment, hashes: z.int() })) },
  }),
  suppress: route({
    method: "POST",
    path: "/api/v1/suppressed",
    roles: ADMINISTRATORS,
    summary: "Leaves the people of a file out of every later session.",
    body: optOutBody,
    answer: {
      status: 200,
      json: z.object({
        found,
        unread: unreadSchema,
        added: z.int(),
        pseudonyms: z.int().meta({ description: "Kept pseudonyms of these people that were deleted." }),
        keptSessions: z.int().meta({ description: "Sessions kept for a replay that were deleted." }),
        unreadable: z
          .array(z.string())
          .meta({ description: "Datasets that cannot be read now: add the people again later." }),
      }),
    },
    changes: true,
  }),
  unsuppress: route({
    method: "POST",
    path: "/api/v1/suppressed/remove",
    roles: ADMINISTRATORS,
    summary: "Takes the people of a file off the list again.",
    body: optOutBody,
    answer: { status: 200, json: z.object({ found, unread: unreadSchema, removed: z.int() }) },
    changes: true,
  }),
  readSubject: route({
    method: "POST",
    path: "/api/v1/subject",
    roles: ADMINISTRATORS,
    summary:
      "What this node holds of the people in a file: rows, counted, the list of opt-outs, pseudonyms, sessions.",
    body: optOutBody,
    answer: { status: 200, json: subjectSchema },
    changes: true,
  }),
  listTokens: route({
    method: "GET",
    path: "/api/v1/tokens",
    roles: WATCHERS,
    summary: "Lists the tokens for this interface.",
    answer: { status: 200, json: z.array(tokenSchema) },
  }),
  createToken: route({
    method: "POST",
    path: "/api/v1/tokens",
    roles: ADMINISTRATORS,
    summary: "Makes a token, which is shown this once.",
    body: z.object({
      role: roleSchema,
      days: z.number().positive().max(DAYS_MAX).default(90),
      name: nameSchema.optional(),
    }),
    answer: { status: 201, json: tokenSchema.extend({ token: z.string() }) },
    changes: true,
    once: true,
  }),
  revokeToken: route({
    method: "DELETE",
    path: "/api/v1/tokens/{name}",
    roles: ADMINISTRATORS,
    summary: "Lets nobody in with a token any more.",
    params: named,
    answer: { status: 204 },
    changes: true,
  }),
};
