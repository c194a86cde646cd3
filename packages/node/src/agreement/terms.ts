// The terms of a report between two nodes: from a request, to and from canonical bytes, and what may change on the way.
import { hash256 } from "@halfroom/crypto";
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
import { PROTOCOL } from "../agreement.ts";
import { REPORT_KINDS, type MatchKey, type Role } from "../half.types.ts";
import type { ReportRequest } from "../request/request.types.ts";
import { nameField } from "../request/schema.ts";
import { reportRecord, THRESHOLD_FLOOR } from "../terms.ts";
import type { Terms } from "./agreement.types.ts";
import { decodeCanonical, encodeCanonical, int64Field, toHex } from "./canonical.ts";

const WINDOW_SECONDS_MAX = 366 * 86_400;
const WEIGHT_MAX = 1000;

const aName = nameField("a name");
const roleField = z.enum(["sender", "receiver"]);
const distinct = (names: readonly string[]) => new Set(names).size === names.length;
const columnsField = z.array(aName).max(GROUP_BY_MAX).refine(distinct);
const measureField = z
  .strictObject({
    name: aName,
    low: int64Field,
    high: int64Field,
    decimals: z.int().min(0).max(DECIMALS_MAX),
    squares: z.boolean(),
  })
  .refine(({ low, high }) => low <= high);
const weight = z.int().min(1).max(WEIGHT_MAX);
const releaseField = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.literal("exact") }),
  z.strictObject({
    mode: z.literal("noise"),
    mechanism: z.enum(["laplace", "gaussian"]),
    microEpsilon: z.int().min(1).max(1e8),
    deltaExponent: z.int().min(5).max(15),
    weights: z.strictObject({ people: weight, measures: z.array(weight).max(MEASURES_MAX) }),
  }),
]);
const optional = <T extends z.ZodType>(field: T) =>
  field.nullable().transform((value) => (value === null ? undefined : value));

const termsSchema = z
  .strictObject({
    protocol: z.string().max(64),
    initiator: roleField,
    datasets: z.strictObject({ sender: aName, receiver: aName }),
    report: z.enum(REPORT_KINDS),
    match: z
      .array(z.strictObject({ key: aName, label: aName }))
      .min(1)
      .max(MATCH_KEYS_MAX)
      .refine((keys) => distinct(keys.map(({ key }) => key))),
    measures: z
      .array(measureField)
      .max(MEASURES_MAX)
      .refine((measures) => distinct(measures.map(({ name }) => name))),
    senderGroupBy: columnsField,
    partitions: z
      .array(columnsField)
      .min(1)
      .max(PARTITIONS_MAX)
      .refine((lists) => distinct(lists.map((list) => JSON.stringify(list)))),
    entriesMax: z.int().min(1).max(ENTRIES_MAX),
    events: optional(
      z.strictObject({
        perPerson: z.int().min(1).max(EVENTS_MAX),
        windowSeconds: z.int().min(0).max(WINDOW_SECONDS_MAX),
      }),
    ),
    arms: optional(z.strictObject({ column: aName, test: aName, control: aName })),
    threshold: z.int().min(THRESHOLD_FLOOR).max(PEOPLE_MAX),
    release: releaseField,
    totals: z.boolean(),
    rules: z.enum(["standard", "pair"]),
    resultTo: z.enum(["both", "sender", "receiver"]),
    otK: z.literal([4, 8]),
  })
  .refine(
    ({ release, measures }) =>
      release.mode === "exact" || release.weights.measures.length === measures.length,
  )
  .refine(({ report, events }) => (report === "attribution" || report === "lift") === (events !== undefined))
  .refine(
    ({ events, senderGroupBy, measures }) =>
      events === undefined || (senderGroupBy.length === 0 && measures.every(({ squares }) => !squares)),
  );

export function otherRole(role: Role): Role {
  return role === "sender" ? "receiver" : "sender";
}

/** The terms of the request of this side, which is the initiator; `match` comes from its dataset. */
export function termsOf(request: ReportRequest, match: readonly MatchKey[]): Terms {
  const { role, report, measures, senderGroupBy, partitions, entriesMax, events, arms } = request;
  const { threshold, release, totals, rules, otK } = request;
  const theirs = otherRole(role);
  const datasets = { [role]: request.ours, [theirs]: request.theirs } as Record<Role, string>;
  const resultTo = ({ both: "both", us: role, them: theirs } as const)[request.resultTo];
  return {
    protocol: PROTOCOL,
    initiator: role,
    datasets,
    report,
    match,
    measures,
    senderGroupBy,
    partitions,
    entriesMax,
    events,
    arms,
    threshold,
    release,
    totals,
    rules,
    resultTo,
    otK,
  };
}

/** The terms as a plain record in canonical order; part of the agreement. */
export function termsRecord(terms: Terms): Record<string, unknown> {
  const { protocol, initiator, datasets } = terms;
  const { sender, receiver } = datasets;
  return { protocol, initiator, datasets: { sender, receiver }, ...reportRecord(terms) };
}

export function encodeTerms(terms: Terms): Uint8Array {
  return encodeCanonical(termsRecord(terms));
}

/** Untrusted bytes to terms. Errors: `malformed`; `version`, if they are for another protocol. */
export function decodeTerms(bytes: Uint8Array): Terms {
  const terms = readTerms(bytes);
  if (terms.protocol !== PROTOCOL) throw new ProtocolError("version");
  return terms;
}

/** As `decodeTerms`, also for a protocol that is no longer spoken: for what is kept. Errors: `malformed`. */
export function readTerms(bytes: Uint8Array): Terms {
  if (bytes.length > TERMS_BYTES_MAX) throw new ProtocolError("malformed");
  return decodeCanonical(bytes, termsSchema, encodeTerms);
}

/** Whether both ask for the same, whoever proposed it: 32 bytes in hex, equal on both sides. */
export function requestDigest(terms: Terms): string {
  const record = { ...termsRecord(terms), initiator: undefined };
  return toHex(hash256("request", new Uint8Array(0), encodeCanonical(record)));
}

/**
 * Checks the terms that the partner answered with: those proposed, made stricter or not at all. Errors: `agreement`.
 */
export function assertOnlyStricter(proposed: Terms, answered: Terms): void {
  const loosened =
    answered.threshold < proposed.threshold ||
    microEpsilon(answered) > microEpsilon(proposed) ||
    (proposed.rules === "pair" && answered.rules !== "pair");
  const { threshold, rules } = proposed;
  const release = withMicroEpsilon(answered.release, microEpsilon(proposed));
  const rest = encodeTerms({ ...answered, threshold, rules, release });
  if (loosened || Buffer.compare(rest, encodeTerms(proposed)) !== 0) {
    throw new ProtocolError("agreement", "the partner answered with another report than was proposed");
  }
}

function withMicroEpsilon(release: Terms["release"], microEpsilon: number): Terms["release"] {
  return release.mode === "exact" ? release : { ...release, microEpsilon };
}

/** Of an exact report: none. */
export function microEpsilon({ release }: Pick<Terms, "release">): number {
  return release.mode === "exact" ? 0 : release.microEpsilon;
}
