// The terms of a report (protocol-spec.md, section 8): what is proposed, answered and signed. The schema is the one list of
// their members: it gives the type, the canonical order and the bounds.
import { hash256 } from "@halfroom/crypto";
import { ROLES } from "@halfroom/mpc";
import {
  DECIMALS_MAX,
  ENTRIES_MAX,
  EVENTS_MAX,
  GROUP_BY_MAX,
  MATCH_KEYS_MAX,
  MEASURES_MAX,
  PARTITIONS_MAX,
  PEOPLE_MAX,
  ProtocolError,
  TERMS_BYTES_MAX,
} from "@halfroom/wire";
import { z } from "zod";
import { decodeAs, encodeAs, encodeCanonical, parseJson, type DeepReadonly } from "../agreement/canonical.ts";
import { SHARD_PEOPLE_MAX, SHARD_PEOPLE_MIN } from "../shards/sizes.ts";
import { otherVersion, PROTOCOL } from "./protocol.ts";
import { areDistinct, int64Field, nameField, nullable, toHex } from "./fields.ts";
import { runField, scheduleField, scheduleOf } from "../series/schedule.ts";
import { templateField } from "../template/field.ts";

/** No cell of fewer people is ever released, whatever a policy says (design section 4). */
export const THRESHOLD_FLOOR = 11;

export const REPORT_KINDS = ["overlap", "sums", "index", "reach", "attribution", "lift"] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

const WINDOW_SECONDS_MAX = 366 * 86_400;
export const WEIGHT_MAX = 1000;

const name = nameField();
const columns = z.array(name).max(GROUP_BY_MAX).refine(areDistinct);

/** A key that people are found by: its name in both datasets, and the rules that both must share. */
const matchKey = z.strictObject({ key: name, label: name });

/** A sum to compute: the sender's column, the clip bounds of one person, scaled by 10^decimals, and whether squares add up too. */
const measure = z
  .strictObject({
    name,
    low: int64Field,
    high: int64Field,
    decimals: z.int().min(0).max(DECIMALS_MAX),
    squares: z.boolean(),
  })
  .refine(({ low, high }) => low <= high);

/** Most events of one person of the sender, and how long after an entry an event still counts; 0 for ever. */
const events = z.strictObject({
  perPerson: z.int().min(1).max(EVENTS_MAX),
  windowSeconds: z.int().min(0).max(WINDOW_SECONDS_MAX),
});

/** The two arms of a lift report: labels of one of the receiver's columns. */
const arms = z.strictObject({ column: name, test: name, control: name });

const weight = z.int().min(1).max(WEIGHT_MAX);
/**
 * How numbers leave the shares: as they are, or noised. Epsilon is counted in millionths, so that budgets add up exactly;
 * delta, the Gaussian's and the one at which spent budgets are stated, is 10^-deltaExponent; weights spread epsilon over the
 * columns of a partition.
 */
const release = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.literal("exact") }),
  z.strictObject({
    mode: z.literal("noise"),
    mechanism: z.enum(["laplace", "gaussian"]),
    microEpsilon: z.int().min(1).max(1e8),
    deltaExponent: z.int().min(5).max(15),
    weights: z.strictObject({ people: weight, measures: z.array(weight).max(MEASURES_MAX) }),
  }),
]);

const members = {
  protocol: z.string().max(64),
  /** Who proposed the report. */
  initiator: z.enum(ROLES),
  /** Each side's name of its dataset. */
  datasets: z.strictObject({ sender: name, receiver: name }),
  report: z.enum(REPORT_KINDS),
  /** With several keys a person is found by any of them and counted once. */
  match: z
    .array(matchKey)
    .min(1)
    .max(MATCH_KEYS_MAX)
    .refine((keys) => areDistinct(keys.map(({ key }) => key))),
  measures: z
    .array(measure)
    .max(MEASURES_MAX)
    .refine((measures) => areDistinct(measures.map((each) => each.name))),
  /** The sender's columns: each combination of their values is a category with numbers of its own. */
  senderGroupBy: columns,
  /** The receiver's columns, a list for each partition; an empty list is one cell of all people. */
  partitions: z
    .array(columns)
    .min(1)
    .max(PARTITIONS_MAX)
    .refine((lists) => areDistinct(lists.map((list) => JSON.stringify(list)))),
  /** Most cells of a partition that one person of the receiver is in. */
  entriesMax: z.int().min(1).max(ENTRIES_MAX),
  /** The sender's events, matched in time with the receiver's entries (attribution, lift). */
  events: nullable(events),
  arms: nullable(arms),
  /** Smallest number of people in a released cell. */
  threshold: z.int().min(1).max(PEOPLE_MAX),
  release,
  /** Exact reports of one partition: whether totals over all cells are shown, those that stay hidden included. */
  totals: z.boolean(),
  /** With "pair", of a base that matched by more than 85 % neither count nor sums open. */
  rules: z.enum(["standard", "pair"]),
  /** Who gets the released numbers. */
  resultTo: z.enum(["both", ...ROLES]),
  /** The transfers' k: 4 computes less, 8 sends less. */
  otK: z.literal([4, 8]),
  /** The receiver's people in a shard at most: less takes less memory and more padding. */
  shardPeople: z.int().min(SHARD_PEOPLE_MIN).max(SHARD_PEOPLE_MAX),
  /** Whether both sides keep what an auditor needs to compute the session again. */
  replay: z.boolean(),
  /** Where transfers come from, if not from SoftSpokenOT alone; left out otherwise. */
  transfers: z.literal("silent").optional(),
  /** "own": first attempts of shards go over connections of their own; left out where all goes over the session's. */
  streams: z.literal("own").optional(),
  /** Of a series of reach reports: people whom the receiver's data had in an earlier run are in no cell. Left out otherwise. */
  newPeople: z.literal(true).optional(),
  /** Of a series the schedule, of one of its runs which one it is; left out otherwise. */
  series: z.union([scheduleField, runField]).optional(),
  /** Of a run of a template which one, and with which parameters; left out otherwise. */
  template: templateField.optional(),
};

const termsSchema = z
  .strictObject(members)
  .refine(
    (terms) =>
      terms.release.mode === "exact" || terms.release.weights.measures.length === terms.measures.length,
  )
  .refine(
    (terms) => (terms.report === "attribution" || terms.report === "lift") === (terms.events !== undefined),
  )
  .refine(
    (terms) =>
      terms.events === undefined ||
      (terms.senderGroupBy.length === 0 &&
        (terms.entriesMax === 1 || terms.measures.every(({ squares }) => !squares))),
  )
  .refine((terms) => terms.streams === undefined || scheduleOf(terms) === undefined)
  .refine(
    ({ newPeople, report, series }) =>
      newPeople === undefined || (report === "reach" && series !== undefined),
  );

/** What may be missing from terms that an earlier version kept, with what held then. */
const keptSchema = z.object({
  ...members,
  shardPeople: members.shardPeople.default(SHARD_PEOPLE_MAX),
  replay: members.replay.default(false),
});

export type Terms = DeepReadonly<z.output<typeof termsSchema>>;
export type MatchKey = Terms["match"][number];
export type Measure = Terms["measures"][number];
export type EventTerms = NonNullable<Terms["events"]>;
export type Arms = NonNullable<Terms["arms"]>;
export type ReleaseRule = Terms["release"];

/** The terms as a plain record in canonical order; part of the agreement. */
export function termsRecord(terms: Terms): Record<string, unknown> {
  return z.encode(termsSchema, terms as z.output<typeof termsSchema>);
}

export function encodeTerms(terms: Terms): Uint8Array {
  return encodeAs(termsSchema, terms);
}

/**
 * Untrusted bytes to terms. Errors: `version`, if they are for another protocol, whatever else is in them; `malformed`.
 */
export function decodeTerms(bytes: Uint8Array): Terms {
  if (bytes.length > TERMS_BYTES_MAX) throw new ProtocolError("malformed");
  const another = anotherProtocol(bytes);
  if (another !== undefined) throw otherVersion(another);
  const terms = decodeAs(termsSchema, bytes);
  if (terms.threshold < THRESHOLD_FLOOR) throw new ProtocolError("malformed");
  return terms;
}

/** Terms of another version have other members, so this looks at the one that all versions have. */
function anotherProtocol(bytes: Uint8Array): string | undefined {
  const named = z.object({ protocol: z.string() }).safeParse(parseJson(bytes));
  return named.success && named.data.protocol !== PROTOCOL ? named.data.protocol : undefined;
}

/** Terms that this node kept, also those of an earlier version of the protocol. Errors: `malformed`. */
export function readKeptTerms(record: unknown): Terms {
  const read = keptSchema.safeParse(record);
  if (!read.success) throw new ProtocolError("malformed", "kept terms are damaged");
  return read.data;
}

/**
 * Whether both ask for the same, whoever proposed it, whatever carries it and wherever its transfers come from: 32 bytes in hex, equal on
 * both sides.
 */
export function requestDigest(terms: Terms): string {
  const { initiator: _, streams: __, transfers: ___, ...record } = termsRecord(terms);
  return toHex(hash256("request", new Uint8Array(0), encodeCanonical(record)));
}

/**
 * Checks the terms that the partner answered with: those proposed, made stricter or not at all. Errors: `agreement`.
 */
export function assertOnlyStricter(proposed: Terms, answered: Terms): void {
  if (isLooser(proposed, answered) || !isSameReport(proposed, answered)) {
    throw new ProtocolError("agreement", "the partner answered with another report than was proposed");
  }
}

function isLooser(proposed: Terms, answered: Terms): boolean {
  return (
    answered.threshold < proposed.threshold ||
    microEpsilon(answered) > microEpsilon(proposed) ||
    (proposed.rules === "pair" && answered.rules !== "pair") ||
    (proposed.replay && !answered.replay) ||
    (proposed.streams === undefined && answered.streams !== undefined)
  );
}

/** Whether nothing differs but what may become stricter; for answers that are not looser. */
function isSameReport(proposed: Terms, answered: Terms): boolean {
  const { threshold, rules, replay } = proposed;
  const release = withMicroEpsilon(answered.release, microEpsilon(proposed));
  const rest = encodeTerms(overLink({ ...answered, threshold, rules, release, replay }));
  return Buffer.compare(rest, encodeTerms(overLink(proposed))) === 0;
}

/** The report that shards' frames go for as they do for another: `terms`, with the member `streams` of `like`. */
export function carriedAs(terms: Terms, { streams }: Pick<Terms, "streams">): Terms {
  return streams === undefined ? overLink(terms) : { ...terms, streams };
}

/** The same report, with the member `transfers` of `like`. */
export function transfersAs(terms: Terms, { transfers }: Pick<Terms, "transfers">): Terms {
  const { transfers: _, ...others } = terms;
  return transfers === undefined ? others : { ...others, transfers };
}

/** The same report over the session's own connections alone: what a node makes of terms that has no streams of their own for shards. */
export function overLink(terms: Terms): Terms {
  const { streams: _, ...others } = terms;
  return others;
}

function withMicroEpsilon(release: ReleaseRule, microEpsilon: number): ReleaseRule {
  return release.mode === "exact" ? release : { ...release, microEpsilon };
}

/** Of an exact report: none. */
export function microEpsilon({ release }: Pick<Terms, "release">): number {
  return release.mode === "exact" ? 0 : release.microEpsilon;
}
