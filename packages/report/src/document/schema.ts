// The JSON document of a released report, version 2. docs/report-schema.json is this schema as JSON Schema.
import { z } from "zod";
import { REPORT_KINDS } from "../released.ts";

export const DOCUMENT_VERSION = 2;

const count = z.int().min(0);
const labels = z.array(z.string()).describe('One label for each dimension; "" where the row had none.');

const released = z
  .strictObject({
    value: z
      .number()
      .describe(
        "The opened number, written with all its digits: a reader that parses numbers as doubles may lose some.",
      ),
    variance: z
      .number()
      .min(0)
      .describe("Variance of both sides' noise in squared smallest units of the column; 0 if exact."),
    standardError: z.number().min(0).describe("Its square root, in the unit of value."),
    low: z.number().describe("Lower bound of the 95 % interval of the noise."),
    high: z.number().describe("Upper bound of the 95 % interval of the noise."),
  })
  .nullable()
  .describe("null: under the threshold, and not opened; never zero.");

const estimate = z
  .strictObject({
    value: z.number(),
    noiseError: z.number().describe("Standard error that the noise causes."),
    samplingError: z
      .number()
      .nullable()
      .describe(
        "Standard error from who happened to be in the cells, 0 if it does not apply; null: not known, as the squares were not added up.",
      ),
    low: z
      .number()
      .nullable()
      .describe("Lower bound of the 95 % interval; null: samplingError is not known."),
    high: z
      .number()
      .nullable()
      .describe("Upper bound of the 95 % interval; null: samplingError is not known."),
  })
  .nullable()
  .describe("null: cannot be computed from what was opened.");

const rate = z
  .strictObject({ percent: z.int(), low: z.int(), high: z.int() })
  .nullable()
  .describe("Whole percent with its 95 % interval.");

const cell = z.strictObject({
  labels: labels.describe("Labels of groupBy, then of senderGroupBy."),
  people: released,
  sums: z.array(released).describe("One for each of measures."),
  squares: z.array(released).optional().describe("Sums of squares, one for each of measures."),
  base: released
    .optional()
    .describe(
      "lift and index, if the receiver told the sender: its people with these labels of groupBy, its noise included.",
    ),
  overPair: z
    .literal(true)
    .optional()
    .describe("rules: pair. Over 85 % of this cell's base match, so that none of its numbers was opened."),
});

const baseCell = z.strictObject({ labels, people: count });

const profile = z.strictObject({
  category: labels.describe("The other side's labels; [] if it has no dimensions."),
  cohorts: z.array(
    z.strictObject({
      labels,
      base: z.int().describe("People of the cohort, this side's own or, as told, the partner's."),
      overlapShare: estimate.describe("Percent of the matched people of all shown cohorts."),
      baseShare: z.number().nullable().describe("Percent of that side's people of the same cohorts."),
      index: estimate.describe("overlapShare / baseShare x 100."),
    }),
  ),
});

const reachCurve = z.strictObject({
  labels: labels.describe("The labels beside the frequency."),
  buckets: z.array(
    z.strictObject({
      label: z.string(),
      from: count.describe("Fewest contacts in the bucket."),
      people: estimate.describe("People with contacts in this bucket; null is under the threshold."),
      atLeast: estimate.describe("People with at least that many contacts."),
      incomplete: z.boolean().describe("Whether a hidden bucket is missing in atLeast."),
    }),
  ),
});

const lift = z
  .strictObject({
    test: estimate.describe("Per person of the test group."),
    control: estimate.describe("Per person of the control group."),
    incremental: estimate.describe(
      "The test group's total minus the total that the control group's rate would have given it.",
    ),
    relative: estimate.describe("test / control - 1."),
    pValue: z.number().min(0).max(1).nullable().describe("Two-sided, under the hypothesis of no difference."),
  })
  .nullable();

const stratum = z.strictObject({
  labels: labels.describe("The labels beside the group."),
  testPeople: count.describe("Of the group: this side's own or, as told, the partner's, its noise included."),
  controlPeople: count.describe("Likewise."),
  converted: lift.describe("Of people who converted."),
  measures: z.array(lift).describe("One for each of measures."),
});

const derivedCell = z.strictObject({
  base: count.nullable().describe("This side's own people under the cell's labels."),
  matchRate: rate,
  means: z.array(estimate),
  variances: z.array(estimate),
});

const partition = z.strictObject({
  groupBy: z.array(z.string()).describe("The receiver's dimensions."),
  senderGroupBy: z.array(z.string()).describe("The sender's dimensions."),
  cells: z.array(cell),
  totals: z
    .array(cell)
    .nullable()
    .describe(
      "Over all cells, hidden ones included, by labels of senderGroupBy; null: not part of the report.",
    ),
  hiddenCells: count.nullable().describe("null: this side does not know."),
  cellsTotal: count.nullable().describe("null: this side does not know."),
  base: z.array(baseCell).nullable().describe("This side's own people by its own labels; never sent."),
  derived: z
    .strictObject({
      cells: z.array(derivedCell).describe("One for each of cells."),
      totals: z.array(derivedCell).describe("One for each of totals."),
      profiles: z.array(profile).nullable(),
      reach: z.array(reachCurve).nullable(),
      lifts: z.array(stratum).nullable(),
    })
    .describe("Computed from the released numbers and this side's base."),
});

export const documentSchema = z
  .strictObject({
    version: z.literal(DOCUMENT_VERSION),
    kind: z.enum(REPORT_KINDS),
    role: z.enum(["sender", "receiver"]).describe("Whose copy this is."),
    threshold: z.int().min(1).describe("Smallest number of matched people behind a released number."),
    rules: z.literal("pair").optional(),
    noise: z
      .strictObject({
        mechanism: z.enum(["laplace", "gaussian"]),
        microEpsilon: count.describe("Epsilon in millionths."),
        delta: z.int().optional().describe("Exponent of a power of ten."),
      })
      .nullable()
      .describe("null: an exact report."),
    measures: z.array(
      z.strictObject({
        name: z.string(),
        decimals: count.describe("Number of decimals of sums; sums of squares have twice as many."),
        squares: z.boolean(),
      }),
    ),
    frequency: z.string().optional().describe("reach: the dimension with the number of contacts."),
    lift: z.strictObject({ dimension: z.string(), test: z.string(), control: z.string() }).optional(),
    ownPeople: count,
    partnerPeople: count,
    partitions: z.array(partition).min(1),
    derived: z.strictObject({
      people: estimate.describe("People in common."),
      atLeast: z.boolean().describe("Whether hidden cells may hold more people in common."),
      overPair: z.boolean().describe("rules: pair. Over 85 % of a base match; the number is not opened."),
      ownRate: rate.describe("People in common in percent of ownPeople."),
      partnerRate: rate.describe("People in common in percent of partnerPeople."),
    }),
    details: z
      .record(z.string(), z.unknown())
      .describe("What the node adds: session, partner, counts of dropped rows, seconds."),
  })
  .describe("A released report of Halfroom, as `halfroom report ID --json` prints it.");

/** The part of the document that is read back. Derived members may be anything: they are computed again. */
export const readingSchema = documentSchema.extend({
  partitions: z.array(partition.extend({ derived: z.unknown() })).min(1),
  derived: z.unknown(),
});
export type ReadDocument = z.infer<typeof readingSchema>;
