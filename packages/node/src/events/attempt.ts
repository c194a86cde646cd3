// What one attempt to deliver something came to. Its words are told to operators, so they quote nothing of what the other side answered.
import { OperatorError } from "../errors.ts";

/** How long one attempt may take. */
export const ATTEMPT_MS = 15_000;

/** An attempt that failed. `isFinal`: another one would be of no use. */
export class Undelivered extends Error {
  readonly isFinal: boolean;

  constructor(words: string, { isFinal = false, cause }: { isFinal?: boolean; cause?: unknown } = {}) {
    super(words, cause === undefined ? undefined : { cause });
    this.isFinal = isFinal;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens at its address",
  ECONNRESET: "it cut the connection",
  EPIPE: "it cut the connection",
  ENOTFOUND: "its name is not known",
  EAI_AGAIN: "its name cannot be looked up at the moment",
  EHOSTUNREACH: "its address cannot be reached",
  ENETUNREACH: "its address cannot be reached",
  ETIMEDOUT: "it did not answer in time",
  ECONNECTION: "it cut the connection",
  TimeoutError: "it did not answer in time",
  AbortError: "it did not answer in time",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "no authority that this machine knows has signed its certificate; NODE_EXTRA_CA_CERTS names one of your own",
  SELF_SIGNED_CERT_IN_CHAIN:
    "no authority that this machine knows has signed its certificate; NODE_EXTRA_CA_CERTS names one of your own",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "no authority that this machine knows has signed its certificate; NODE_EXTRA_CA_CERTS names one of your own",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "no authority that this machine knows has signed its certificate; NODE_EXTRA_CA_CERTS names one of your own",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
};

/** Words for what went wrong between two machines: those of ours, or of the system's code. */
export function failureWords(error: unknown): string {
  if (error instanceof Undelivered || error instanceof OperatorError) return error.message;
  const { code, name, originalCode } = error as Readonly<Record<"code" | "name" | "originalCode", unknown>>;
  // The library for mail puts a code of its own over the system's.
  const known = [originalCode, code, name].find(
    (each) => typeof each === "string" && Object.hasOwn(REASONS, each),
  );
  if (known !== undefined) return REASONS[known as string]!;
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{1,63}$/.test(code)
    ? `it failed (${code})`
    : "it failed";
}
