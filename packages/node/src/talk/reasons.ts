// Reasons on the wire: canonical JSON, a list of [code, words].
import { z } from "zod";
import { decodeCanonical, encodeCanonical } from "../agreement/canonical.ts";
import { REASON_CODES, type Reason, type ReasonCode } from "../policy/policy.types.ts";

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
  return encodeList(shown.map(({ code, words }) => [code, words.slice(0, WORDS_LENGTH_MAX)]));
}

/** Errors: `malformed`. */
export function decodeReasons(bytes: Uint8Array): Reason[] {
  return decodeCanonical(bytes, reasonsSchema, encodeList).map(([code, words]) => ({ code, words }));
}

function encodeList(list: readonly (readonly [string, string] | string[])[]): Uint8Array {
  return encodeCanonical(list);
}
