// The terms of a report between two nodes: from a request, to and from canonical bytes, and to the pipeline.
import { hash256 } from "@halfroom/crypto";
import { MEASURES_MAX, PEOPLE_MAX, ProtocolError, TERMS_BYTES_MAX } from "@halfroom/wire";
import { z } from "zod";
import { PROTOCOL } from "../agreement.ts";
import type { Measure, ReportTerms, Role } from "../half.types.ts";
import type { ReportRequest } from "../request/request.types.ts";
import { nameField } from "../request/schema.ts";
import type { Terms } from "./agreement.types.ts";
import { decodeCanonical, encodeCanonical, int64Field, toHex } from "./canonical.ts";

const roleField = z.enum(["sender", "receiver"]);
const measureField = z
  .strictObject({
    name: nameField("a name"),
    low: int64Field,
    high: int64Field,
    decimals: z.int().min(0).max(9),
  })
  .refine(({ low, high }) => low <= high);
const distinct = (names: readonly string[]) => new Set(names).size === names.length;

const termsSchema = z.strictObject({
  protocol: z.string().max(64),
  initiator: roleField,
  datasets: z.strictObject({ sender: nameField("a name"), receiver: nameField("a name") }),
  match: z.literal("email"),
  measures: z
    .array(measureField)
    .max(MEASURES_MAX)
    .refine((measures) => distinct(measures.map(({ name }) => name))),
  groupBy: z.array(nameField("a name")).min(1).max(8).refine(distinct),
  threshold: z.int().min(1).max(PEOPLE_MAX),
  release: z.discriminatedUnion("mode", [
    z.strictObject({ mode: z.literal("exact") }),
    z.strictObject({ mode: z.literal("noise"), microEpsilon: z.int().min(1).max(1e8) }),
  ]),
  resultTo: z.enum(["both", "sender", "receiver"]),
  otK: z.literal([4, 8]),
});

export function otherRole(role: Role): Role {
  return role === "sender" ? "receiver" : "sender";
}

/** The terms of the request of this side, which is the initiator. */
export function termsOf(request: ReportRequest, { match }: { match: "email" }): Terms {
  const { role, measures, groupBy, threshold, release, otK } = request;
  const theirs = otherRole(role);
  const datasets = { [role]: request.ours, [theirs]: request.theirs } as Record<Role, string>;
  const resultTo = { both: "both", us: role, them: theirs } as const;
  return {
    protocol: PROTOCOL,
    initiator: role,
    datasets,
    match,
    measures,
    groupBy,
    threshold,
    release,
    resultTo: resultTo[request.resultTo],
    otK,
  };
}

/** The terms as a plain record in canonical order; part of the agreement. */
export function termsRecord(terms: Terms): Record<string, unknown> {
  const { protocol, initiator, datasets, match, groupBy, threshold, release, resultTo, otK } = terms;
  return {
    protocol,
    initiator,
    datasets: { sender: datasets.sender, receiver: datasets.receiver },
    match,
    measures: terms.measures.map(measureRecord),
    groupBy,
    threshold,
    release:
      release.mode === "exact" ? { mode: "exact" } : { mode: "noise", microEpsilon: release.microEpsilon },
    resultTo,
    otK,
  };
}

function measureRecord({ name, low, high, decimals }: Measure): Record<string, unknown> {
  return { name, low: low.toString(), high: high.toString(), decimals };
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
  const loosened = answered.threshold < proposed.threshold || microEpsilon(answered) > microEpsilon(proposed);
  const { threshold, release } = proposed;
  const sameMode = answered.release.mode === release.mode;
  const rest = encodeTerms({ ...answered, threshold, release });
  if (loosened || !sameMode || Buffer.compare(rest, encodeTerms(proposed)) !== 0) {
    throw new ProtocolError("agreement", "the partner answered with another report than was proposed");
  }
}

/** Of an exact report: none. */
function microEpsilon({ release }: Terms): number {
  return release.mode === "exact" ? 0 : release.microEpsilon;
}

/** What the pipeline computes. Errors: `refused`, for a release that it does not know. */
export function reportTerms(terms: Terms): ReportTerms {
  const { match, measures, groupBy, threshold, release, resultTo, otK } = terms;
  if (release.mode !== "exact")
    throw new ProtocolError("refused", "this version releases exact reports only");
  if (resultTo !== "both")
    throw new ProtocolError("refused", "this version gives the result to both sides only (result: both)");
  return { match, measures, groupBy, threshold, mode: release.mode, otK };
}
