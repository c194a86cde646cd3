// What keeps a node from being lost: backups, heads of its audit log, and the key that opens what replays need.
import { z } from "zod";
import { moment } from "./common.ts";
import { ADMINISTRATORS, WATCHERS } from "./roles.ts";
import { route } from "./route.ts";
import { jobSchema } from "./runs.ts";

const RECIPIENTS_MAX = 64;
/** age1... with 58 letters and digits; newer kinds are longer. */
const RECIPIENT_LENGTH_MAX = 4096;

export const backupRoutes = {
  listBackups: route({
    method: "GET",
    path: "/api/v1/backups",
    roles: WATCHERS,
    summary: "What backups lie in the node's own folder for them.",
    answer: {
      status: 200,
      json: z.object({
        folder: z.string().meta({ description: "On the node's machine." }),
        backups: z.array(z.object({ name: z.string(), bytes: z.int(), madeAt: moment })),
      }),
    },
  }),
  startBackup: route({
    method: "POST",
    path: "/api/v1/backups",
    roles: ADMINISTRATORS,
    summary: "Begins to write an encrypted backup into the node's own folder, where it stays.",
    body: z.object({
      name: z
        .string()
        .min(1)
        .max(64)
        .optional()
        .meta({ description: "Of the file, without its ending; made of the moment if it is left out." }),
      recipients: z
        .array(z.string().max(RECIPIENT_LENGTH_MAX))
        .min(1)
        .max(RECIPIENTS_MAX)
        .meta({ description: "Public keys of age (age1...), whose owners can open it." }),
    }),
    answer: { status: 202, json: jobSchema },
    changes: true,
  }),
  showAuditHead: route({
    method: "GET",
    path: "/api/v1/audit/head",
    roles: WATCHERS,
    summary: "The head of the audit log, as a line to append to a file on another machine.",
    answer: { status: 200, text: ["text/plain; charset=utf-8"] },
  }),
  showRecoveryKey: route({
    method: "GET",
    path: "/api/v1/recovery",
    roles: WATCHERS,
    summary: "The public half of the key to which what replays need is sealed.",
    answer: { status: 200, json: z.object({ publicKey: z.string().nullable() }) },
  }),
  useRecoveryKey: route({
    method: "POST",
    path: "/api/v1/recovery",
    roles: ADMINISTRATORS,
    summary: "Seals what replays need to another recovery key from now on.",
    body: z.object({
      publicKey: z
        .string()
        .length(64)
        .meta({ description: "The public half, as `halfroom recovery make` prints it." }),
    }),
    answer: { status: 200, json: z.object({ publicKey: z.string() }) },
    changes: true,
  }),
};
