// What has happened: the ledger, the audit log, receipts.
import { z } from "zod";
import { identified, kindSchema, moment, numberedPageQuery, oursAndTheirs, pageQuery } from "./common.ts";
import { ADMINISTRATORS, INFORMED, WATCHERS } from "./roles.ts";
import { route } from "./route.ts";

const spentSchema = z.object({
  session: z.string(),
  partner: z.string(),
  partnerKey: z.string(),
  population: z.string(),
  mode: z.enum(["exact", "noise"]),
  microEpsilon: z.int(),
  picoRho: z.string(),
  numbers: z.int(),
  bits: z.int(),
  takenAt: moment,
  settled: z.boolean(),
  kind: kindSchema.optional(),
  datasets: oursAndTheirs.optional(),
});
const stateSchema = z.object({
  spent: z.number(),
  budget: z.number(),
  left: z.number(),
  backAt: moment.nullable(),
});
const budgetSchema = z.object({
  partner: z.string(),
  dataset: z.string(),
  population: z.string(),
  periodDays: z.number(),
  period: stateSchema,
  everybody: stateSchema,
  lifetime: stateSchema,
  numbers: stateSchema,
  everybodyNumbers: stateSchema,
  exact: stateSchema,
});
const gapSchema = z.object({ number: z.int(), words: z.string() });
const entrySchema = z.object({
  number: z.int(),
  at: moment,
  kind: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  hash: z.string(),
});
const verdictSchema = z.enum(["same", "other", "unknown"]);

export const recordRoutes = {
  showLedger: route({
    method: "GET",
    path: "/api/v1/ledger",
    roles: INFORMED,
    summary:
      "What each partner has spent, newest first, and what each policy still allows; epsilons are in millionths.",
    query: pageQuery,
    answer: {
      status: 200,
      json: z.object({
        entries: z.array(spentSchema),
        budgets: z.array(budgetSchema),
        gaps: z.array(gapSchema).meta({
          description: "What the audit log says was spent and the ledger lacks; empty if all is there.",
        }),
      }),
    },
  }),
  readAudit: route({
    method: "GET",
    path: "/api/v1/audit",
    roles: WATCHERS,
    summary: "The last entries of the audit log, oldest first.",
    query: numberedPageQuery,
    answer: { status: 200, json: z.array(entrySchema) },
  }),
  verifyAudit: route({
    method: "GET",
    path: "/api/v1/audit/verify",
    roles: WATCHERS,
    summary:
      "Checks that no entry of the log was edited, removed or moved, and that all that was spent is in the ledger.",
    answer: {
      status: 200,
      json: z.object({
        entries: z.int(),
        faults: z.array(
          z.object({
            number: z.int(),
            fault: z.enum(["edited", "missing", "truncated"]),
            words: z.string(),
          }),
        ),
        gaps: z.array(gapSchema),
      }),
    },
  }),
  correctClock: route({
    method: "POST",
    path: "/api/v1/audit/correct-clock",
    roles: ADMINISTRATORS,
    summary: "Says that the log was written by a clock that was ahead, and that the machine's is right now.",
    answer: { status: 200, json: z.object({ from: moment, to: moment }) },
    changes: true,
  }),
  showReceipt: route({
    method: "GET",
    path: "/api/v1/receipts/{id}",
    roles: WATCHERS,
    summary: "The co-signed receipt of a session: in words, and as both sides keep it.",
    params: identified,
    answer: {
      status: 200,
      json: z.object({
        session: z.string(),
        text: z.string(),
        json: z.string().meta({ description: "Canonical JSON, byte by byte as it was signed." }),
      }),
    },
  }),
  showOpenings: route({
    method: "GET",
    path: "/api/v1/receipts/{id}/openings",
    roles: WATCHERS,
    summary: "What opens this node's own commitments in a receipt, for a third party.",
    params: identified,
    answer: {
      status: 200,
      json: z.object({
        session: z.string(),
        openings: z
          .object({
            data: z.object({ salt: z.string(), digest: z.string() }),
            filter: z.object({ salt: z.string(), text: z.string() }),
          })
          .nullable(),
      }),
    },
  }),
  checkReceipt: route({
    method: "GET",
    path: "/api/v1/receipts/{id}/check",
    roles: WATCHERS,
    summary: "Whether today's data, the kept filter and the stored report are what this node committed to.",
    params: identified,
    answer: {
      status: 200,
      json: z.object({
        session: z.string(),
        data: verdictSchema,
        filter: verdictSchema,
        report: verdictSchema,
      }),
    },
  }),
};
