// This node's datasets and what partners may do with them.
import { z } from "zod";
import { named, nameSchema, yamlSchema } from "./common.ts";
import { ADMINISTRATORS, ANALYSTS, INFORMED } from "./roles.ts";
import { route } from "./route.ts";

const datasetSchema = z
  .object({
    name: z.string(),
    source: z.string(),
    keys: z.array(z.string()),
    dimensions: z.array(z.string()),
    measures: z.array(z.string()),
    population: z.string(),
  })
  .meta({ id: "Dataset" });

const SQL_LENGTH_MAX = 10_000;
const NAMES_MAX = 64;
const names = z.array(z.string().min(1).max(256)).max(NAMES_MAX);
const questionBody = z.object({
  match: names.optional(),
  measures: z
    .array(
      z.object({
        name: z.string(),
        decimals: z.int().min(0).max(9),
        low: z.string().max(64),
        high: z.string().max(64),
      }),
    )
    .max(NAMES_MAX)
    .default([]),
  partitions: z.array(names).max(NAMES_MAX).optional(),
  threshold: z
    .int()
    .min(1)
    .max(2 ** 31)
    .default(100),
  where: z.string().max(SQL_LENGTH_MAX).optional(),
});

const placeSchema = z.object({ file: z.string(), row: z.int() });
const findingsSchema = z
  .object({
    dataset: z.string(),
    source: z.object({
      files: z.int(),
      emptyFiles: z.int(),
      passedOver: z.array(z.string()),
      gaps: z.array(z.object({ column: z.string(), files: z.int() })),
      delimiters: z.array(z.string()),
      encodings: z.array(z.string()),
    }),
    rows: z.int(),
    people: z.int(),
    optedOut: z.int(),
    merged: z.int(),
    filtered: z.int(),
    dropped: z.array(
      z.object({
        reason: z.string(),
        rows: z.int(),
        examples: z.array(placeSchema),
        remedy: z.string().optional(),
      }),
    ),
    keys: z.array(
      z.object({
        name: z.string(),
        rules: z.string(),
        invalidRows: z.int(),
        faults: z.array(z.object({ form: z.string(), rows: z.int(), remedy: z.string().optional() })),
        people: z.int(),
        shared: z.int(),
        several: z.int(),
      }),
    ),
    measures: z.array(
      z.object({
        name: z.string(),
        decimals: z.int(),
        decimalsNeeded: z.int(),
        tooFineRows: z.int(),
        nullShare: z.number(),
        quantiles: z.object({
          min: z.string(),
          p1: z.string(),
          median: z.string(),
          p99: z.string(),
          max: z.string(),
        }),
        bounds: z.object({ low: z.string(), high: z.string() }).nullable(),
        clippedBelow: z.int(),
        clippedAbove: z.int(),
      }),
    ),
    dimensions: z.array(
      z.object({ name: z.string(), labels: z.int(), nullShare: z.number(), hopelessLabels: z.int() }),
    ),
    partitions: z.array(
      z.object({
        groupBy: z.array(z.string()),
        cells: z.int(),
        hopelessCells: z.int(),
        peopleInHopelessCells: z.int(),
      }),
    ),
    moments: z
      .object({
        rowsWithout: z.int(),
        earliest: z.number(),
        latest: z.number(),
        perPerson: z.tuple([z.number(), z.number(), z.number()]),
      })
      .nullable(),
    threshold: z.int(),
    digest: z.string(),
    problems: z
      .array(z.string())
      .meta({ description: "Why no report can use the data so; empty if one can." }),
  })
  .meta({ id: "DatasetFindings" });

const policySchema = z
  .object({
    partner: z.string(),
    dataset: z.string(),
    fields: z.record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
    ),
    defaults: z.array(z.string()),
  })
  .meta({ id: "Policy" });
const ofPartnerAndDataset = z.object({ partner: nameSchema, dataset: nameSchema });

export const datasetRoutes = {
  listDatasets: route({
    method: "GET",
    path: "/api/v1/datasets",
    roles: INFORMED,
    summary: "Lists this node's datasets.",
    answer: { status: 200, json: z.array(datasetSchema) },
  }),
  addDataset: route({
    method: "POST",
    path: "/api/v1/datasets",
    roles: ADMINISTRATORS,
    summary: "Declares a source of people on the node's own machine or network; nothing is read yet.",
    body: z.object({
      name: nameSchema,
      definition: z
        .record(z.string(), z.unknown())
        .meta({ description: "As an entry of `datasets` in config.yaml: docs/datasets.md." }),
    }),
    answer: { status: 201, json: datasetSchema },
    changes: true,
  }),
  checkDataset: route({
    method: "POST",
    path: "/api/v1/datasets/{name}/check",
    roles: ANALYSTS,
    summary: "Reads a dataset and says what a report would find; nothing is kept.",
    params: named,
    body: questionBody,
    answer: { status: 200, json: findingsSchema },
  }),
  removeDataset: route({
    method: "DELETE",
    path: "/api/v1/datasets/{name}",
    roles: ADMINISTRATORS,
    summary: "Takes a dataset out of the settings, and names the partners whose policies then allow nothing.",
    params: named,
    answer: { status: 200, json: z.object({ partners: z.array(z.string()) }) },
    changes: true,
  }),
  listPolicies: route({
    method: "GET",
    path: "/api/v1/policies",
    roles: INFORMED,
    summary: "Lists the policies, defaults filled in.",
    answer: { status: 200, json: z.array(policySchema) },
  }),
  showPolicy: route({
    method: "GET",
    path: "/api/v1/policies/{partner}/{dataset}",
    roles: INFORMED,
    summary: "Shows a policy, defaults filled in.",
    params: ofPartnerAndDataset,
    answer: { status: 200, json: policySchema },
  }),
  addPolicies: route({
    method: "POST",
    path: "/api/v1/policies",
    roles: ADMINISTRATORS,
    summary: "Adds policies, one or a list; one for the same partner and dataset is replaced.",
    body: z.object({ yaml: yamlSchema }),
    answer: { status: 201, json: z.array(policySchema) },
    changes: true,
  }),
  removePolicy: route({
    method: "DELETE",
    path: "/api/v1/policies/{partner}/{dataset}",
    roles: ADMINISTRATORS,
    summary: "Takes a policy out of the settings.",
    params: ofPartnerAndDataset,
    answer: { status: 204 },
    changes: true,
  }),
};
