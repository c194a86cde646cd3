// Why a proposal is held or refused: codes, words for people, and their form on the wire (canonical JSON, a list of
// [code, words]).
import { printable } from "@halfroom/wire/words";
import { z } from "zod";
import { decodeAs, encodeAs } from "../agreement/canonical.ts";

export const REASON_CODES = {
  dataset: "the dataset is not there",
  match: "the match keys differ",
  expired: "the policy has expired",
  "group-by": "a column may not group",
  sum: "a column may not be summed",
  noise: "the noise does not fit the threshold",
  budget: "the budget of the period does not suffice",
  numbers: "too many numbers would open in the period",
  exact: "exact reports are not allowed",
  "result-to": "the result may not go there",
  people: "too few or too many people",
  evaluations: "the evaluations of the epoch are used up",
  version: "the protocol's version is older than the policy allows",
  rate: "the partner has asked too often of late",
  restored: "one side lacks a session that both completed",
  "no-policy": "no policy covers the dataset",
  "by-hand": "a person decides",
  hours: "outside the hours of automatic approval",
  denied: "a person denied it",
  replay: "the session could not be replayed, or may not be",
  transfers: "transfers may not be silent",
  lapsed: "nobody answered in time",
  "series-ended": "the series has ended, or was never agreed on",
  "series-run": "the run has been made, or may have been, or is over",
  "series-time": "it is not the run's time",
  "series-terms": "the run does not ask for what the series agreed on, or a policy has become stricter since",
  template: "the template is not published, or the proposal is outside of it",
} as const;
export type ReasonCode = keyof typeof REASON_CODES;

/** A reason, and words for both sides: they name columns, limits and remedies, never a value of a row. */
export interface Reason {
  readonly code: ReasonCode;
  readonly words: string;
}

const REASONS_MAX = 64;
const WORDS_LENGTH_MAX = 1000;

const reasonsSchema = z
  .array(
    z.tuple([
      z.enum(Object.keys(REASON_CODES) as [ReasonCode, ...ReasonCode[]]),
      z.string().max(WORDS_LENGTH_MAX),
    ]),
  )
  .max(REASONS_MAX);

/** Shortens what is too long: reasons inform, nothing depends on their words. */
export function encodeReasons(reasons: readonly Reason[]): Uint8Array {
  const shown = reasons.slice(0, REASONS_MAX);
  return encodeAs(
    reasonsSchema,
    shown.map(({ code, words }) => [code, words.slice(0, WORDS_LENGTH_MAX)] as const),
  );
}

/** The partner's words, each on one line with nothing that a terminal obeys. Errors: `malformed`. */
export function decodeReasons(bytes: Uint8Array): Reason[] {
  return decodeAs(reasonsSchema, bytes).map(([code, words]) => ({ code, words: printable(words) }));
}
