// The JSON document of a released report, version 3. docs/report-schema.json is this schema as JSON Schema.
import { z } from "zod";
import { REPORT_KINDS } from "../released.ts";

export const DOCUMENT_VERSION = 3;

/** The member `result` of the document of a side that receives no numbers. */
export const RESULT_ELSEWHERE = "the partner alone";

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

const known = z
  .enum(["exact", "at-least", "interval", "unbounded"])
  .describe(
    "exact: it is the value. at-least: the value or more, because closed cells are not in it. interval: from low to high in 95 of 100 cases. unbounded: nothing is known of how far chance moves it.",
  );

const missing = z
  .strictObject({
    cells: count.nullable().describe("How many closed cells are left out; null: this side does not know."),
    most: z.number().nullable().describe("The most that they hold together; null: nothing bounds it."),
  })
  .optional()
  .describe("What closed cells keep from the value; absent if nothing does.");

const estimate = z
  .strictObject({
    value: z.number(),
    known,
    noiseError: z.number().describe("Standard error that the noise causes."),
    samplingError: z
      .number()
      .nullable()
      .describe(
        "Standard error from who happened to be in the cells, 0 if it does not apply; null: not known.",
      ),
    low: z.number().nullable().describe("Lower bound; null where there is none."),
    high: z.number().nullable().describe("Upper bound, what is missing included; null where there is none."),
    missing,
  })
  .nullable()
  .describe("null: cannot be computed from what was opened.");

const rate = z
  .strictObject({
    percent: z.int().describe("Rounded; down where it is known as at-least."),
    known,
    low: z.int(),
    high: z.int().nullable().describe("null where nothing bounds what closed cells hold."),
  })
  .nullable()
  .describe("Whole percent with its bounds.");

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
      base: estimate.describe("People of the cohort, this side's own or, as told, the partner's."),
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
      state: z
        .enum(["opened", "closed", "nobody", "unseen"])
        .describe(
          "closed: there are people of this side, and no number opened. nobody: there are none. unseen: the partner alone knows which.",
        ),
      people: estimate.describe("People with contacts in this bucket; null if it did not open."),
      atLeast: estimate.describe("People with at least that many contacts: opened buckets added up."),
      share: estimate.describe("atLeast in percent of the sender's people."),
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
  testPeople: estimate.describe(
    "Of the group: this side's own or, as told, the partner's, its noise included.",
  ),
  controlPeople: estimate.describe("Likewise."),
  converted: lift.describe("Of people who converted."),
  measures: z.array(lift).describe("One for each of measures."),
});

const derivedCell = z.strictObject({
  base: count.nullable().describe("This side's own people under the cell's labels."),
  baseOf: z
    .enum(["cohort", "category", "everybody"])
    .describe(
      "Whose people base holds, by which matchRate divides: of its groupBy, of its senderGroupBy, or all of this side.",
    ),
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

export const originSchema = z.strictObject({
  session: z.string().describe("The session's id, the same on both sides."),
  partner: z.string().describe("This side's name of the partner."),
  made: z.iso.datetime(),
  newSince: z
    .strictObject({ run: z.int().min(1), first: z.int().min(1) })
    .optional()
    .describe(
      "With agreed.newPeople: this run of its series, and the first one that it is compared with, under the same key of the sender; the same one if there is none, and everybody is new.",
    ),
});

export const ownSchema = z.strictObject({
  where: z.string().optional().describe("The report's own filter."),
  rows: count.describe("Rows of the dataset: people + optedOut + merged + filtered + dropped."),
  people: count,
  optedOut: count.describe("People left out because they opted out."),
  merged: count.describe("Rows of people who already had one."),
  filtered: count.describe("Rows that the filters leave out."),
  dropped: z
    .array(
      z.strictObject({
        reason: z.string(),
        rows: count,
        agreed: z
          .literal(true)
          .optional()
          .describe("Beyond the most events or entries of one person; nothing is wrong with the row."),
      }),
    )
    .describe("Rows that could not be used."),
  clipped: z
    .array(z.strictObject({ measure: z.string(), people: count }))
    .optional()
    .describe(
      "The sender's: people outside of a measure's bounds, who count with a bound; opt-outs included.",
    ),
  period: z
    .strictObject({ from: z.iso.datetime(), to: z.iso.datetime() })
    .optional()
    .describe("First and last moment of this side's events or touches."),
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
        low: z.number().describe("What one person adds at least, with its decimals as written."),
        high: z.number().describe("What one person adds at most."),
      }),
    ),
    frequency: z.string().optional().describe("reach: the dimension with the number of contacts."),
    lift: z.strictObject({ dimension: z.string(), test: z.string(), control: z.string() }).optional(),
    agreed: z
      .strictObject({
        datasets: z.strictObject({ own: z.string(), partner: z.string() }),
        match: z.array(z.string()).min(1).describe("The keys by which people are found."),
        entries: z
          .int()
          .min(1)
          .describe("Most cells of a partition, or touches, of one person of the receiver."),
        events: z
          .strictObject({
            perPerson: z.int().min(1),
            windowSeconds: count.describe("How long after a touch an event counts; 0: for ever."),
          })
          .optional(),
        newPeople: z
          .literal(true)
          .optional()
          .describe(
            "reach in a series: people, bases and shares are of those alone whom the receiver's data had in no earlier run.",
          ),
      })
      .describe("What both sides agreed on beside the columns."),
    origin: originSchema.nullable().describe("null until a node keeps the report."),
    own: ownSchema.nullable().describe("What became of this side's data; never sent."),
    ownPeople: count,
    partnerPeople: count,
    partitions: z.array(partition).min(1),
    derived: z.strictObject({
      people: estimate.describe("People in common."),
      overPair: z.boolean().describe("rules: pair. Over 85 % of a base match; the number is not opened."),
      ownRate: rate.describe("People in common in percent of ownPeople."),
      partnerRate: rate.describe("People in common in percent of partnerPeople."),
    }),
    details: z
      .record(z.string(), z.unknown())
      .describe("What the node adds: sizes, seconds, the nonce of the commitment."),
  })
  .describe("A released report of Halfroom, as `halfroom report ID --json` prints it.");

/** The part of the document that is read back. Derived members may be anything: they are computed again. */
export const readingSchema = documentSchema.extend({
  partitions: z.array(partition.extend({ derived: z.unknown() })).min(1),
  derived: z.unknown(),
});
export type ReadDocument = z.infer<typeof readingSchema>;
