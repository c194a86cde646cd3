// The one error type of the protocol: a stable code, the phase it arose in, and words for the operator of this side.
// The partner is told the code only. No message carries an identifier, a share, a key or any value of a row.

/** Stable codes, documented in protocol-spec.md; new ones are added, old ones never change meaning. */
export const ERROR_CODES = {
  version: "the two sides speak no common protocol version, or not the newest one",
  agreement: "the two sides asked for different reports, or computed them differently",
  refused: "a limit or a policy of one side refuses the session",
  malformed: "a message is not in canonical form or a field breaks its bounds",
  unexpected: "a message came out of turn",
  sequence: "a message is missing, repeated or out of order",
  count: "a message does not hold as many elements as agreed",
  point: "a group element is not a canonical encoding or is the identity",
  commitment: "an opening does not match its commitment",
  check: "a proof or consistency check of the partner fails",
  transcript: "the two sides saw different messages",
  impossible: "what opened are no numbers that the two sides can have",
  incomplete: "the other side cannot complete this session either",
  cuckoo: "cuckoo hashing could not place every pseudonym",
  okvs: "the key-value store could not be built",
  shard: "more people fell into one shard than it has room for",
  lost: "machines that computed a shard were lost too often",
  identity: "the other side is not the one that was pinned",
  busy: "the node is running as many sessions as it allows; try again later",
  replayed: "the node has seen this agreement or invitation before",
  restored: "one side lacks a session that both completed: its folder is an older copy",
  clock: "the clocks of the two sides differ by more than one of them allows",
  closed: "the connection ended before the session did",
  timeout: "the partner stayed silent for too long",
  internal: "a defect on one side; its log says more",
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Stages of a session, in order; the same names appear in code, logs and reports. */
export const PHASES = [
  "connect",
  "prepare",
  "agree",
  "pseudonymise",
  "match",
  "aggregate",
  "release",
  "report",
] as const;
export type Phase = (typeof PHASES)[number];

export class ProtocolError extends Error {
  readonly code: ErrorCode;
  /** Set once, by the pipeline, when the error leaves the stage it arose in. */
  phase: Phase | undefined;
  /** True when the partner aborted and this side only reports it. */
  readonly fromPartner: boolean;

  constructor(code: ErrorCode, detail?: string, options: { fromPartner?: boolean; cause?: unknown } = {}) {
    super(detail ?? ERROR_CODES[code], options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ProtocolError";
    this.code = code;
    this.fromPartner = options.fromPartner ?? false;
  }
}

export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(ERROR_CODES, value);
}
