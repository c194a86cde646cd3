// What an operator is told when something fails: a stable code, words with a remedy, an exit code. This is the one list of
// such errors; docs/errors.md holds it for readers. A partner is only ever told the code of a ProtocolError.
import { ScratchError } from "@halfroom/crypto";
import { INPUT_ERRORS, InputError, type InputErrorCode } from "@halfroom/prepare";
import type { Reason } from "@halfroom/session";
import { ERROR_CODES, ProtocolError, type ErrorCode } from "@halfroom/wire";

/** How a command ends. The numbers never change meaning. */
export const EXIT = { done: 0, badInput: 2, protocolFailure: 3, refused: 4 } as const;

export type OperatorErrorCode = keyof typeof OWN | `data-${InputErrorCode}` | `protocol-${ErrorCode}`;

export interface OperatorErrorKind {
  readonly means: string;
  /** What a command that fails with it exits with. */
  readonly exit: number;
}

const mendable = (means: string) => ({ means, exit: EXIT.badInput });

/** Codes that arise in a node or its command line; all others come from a source of data or from a session. */
const OWN = {
  flags: mendable("a flag or an argument is missing or not understood"),
  file: mendable("a file that the command names cannot be read or written"),
  yaml: mendable("a YAML file has faults, each listed with its line, field and remedy"),
  settings: mendable("config.yaml or an environment variable holds a setting that is not valid"),
  definition: mendable("the definition of a dataset is not valid"),
  listen: mendable("an address cannot be listened on"),
  "no-address": mendable("this node, or the partner, has no address to be reached at"),
  "no-node": mendable("there is no node in the folder"),
  "node-exists": mendable("there is a node in the folder already"),
  folder: mendable("the node's folder or a file in it cannot be made, read or written"),
  "store-busy": mendable("another process holds node.sqlite; what was asked for was not done"),
  "open-to-others": mendable("other users of the machine can open a file that must be private"),
  damaged: mendable("a file or a sealed secret of the node is damaged or belongs to another node"),
  "other-store": mendable("node.sqlite is the database of another program"),
  "newer-store": mendable("node.sqlite was written by a newer version"),
  name: mendable("a name is not valid"),
  "name-taken": mendable("a name, or a partner's identity, is in use already"),
  token: mendable("an invitation token, or the request of a worker, is damaged"),
  cluster: mendable(
    "the Redis or the share that a node has in common with its workers cannot be used as it is",
  ),
  "no-worker": mendable("there is no worker of that name, or the folder holds none"),
  "no-token": mendable("there is no API token of that name"),
  "no-user": mendable("there is no user of that name"),
  "no-link": mendable("a way to sign in is linked to nobody"),
  password: mendable("a password is too short, too long or too easily guessed"),
  "no-event": mendable("there is no event of that id, or no target of that name"),
  delivery: mendable("a target was not told, or a report not written, whatever was tried"),
  "no-job": mendable("there is no job of that id"),
  "no-partner": mendable("there is no partner of that name"),
  "no-successor": mendable("the partner has named no identity with that fingerprint"),
  rotation: mendable("a rotation of another kind, or a session, has to come to its end first"),
  "wrong-partner": mendable("the request file is for another partner"),
  "nothing-opens": mendable(
    "no number of the report could open, whatever the partner has; nothing was charged",
  ),
  "no-policy": mendable("there is no policy for that partner and dataset"),
  "no-dataset": mendable("there is no dataset of that name"),
  unusable: mendable(
    "a dataset has nobody whom a report could count, or a measure that the decimals asked for do not hold",
  ),
  "no-key": mendable("no dataset has a match key of that name"),
  identifier: mendable("the identifier of a person cannot be read, so that nothing was done"),
  "no-column": mendable("a file has no column named after a match key"),
  "no-session": mendable("there is no session of that id"),
  "no-series": mendable("there is no series of that id"),
  "series-state": mendable("the state of the series does not allow the step"),
  "no-template": mendable("there is no template of that name or id"),
  template: mendable("a template does not hold, or a parameter is missing or outside of its range"),
  "session-state": mendable("the state of the session does not allow the step"),
  approver: mendable("two people have to approve this, and whoever tried may not be one of them"),
  reason: mendable("the reason for a denial is too long"),
  "no-report": mendable("there is no report, or no receipt, of that id"),
  "report-form": mendable("the report does not have the form asked for"),
  activation: mendable("the report cannot be ranked as asked"),
  "no-replay": mendable("what a replay needs was not kept, is gone, or does not belong together"),
  "recovery-key": mendable("a file is no recovery key, or not the one that a session was sealed to"),
  "data-fit": mendable(
    "more of this side's rows cannot be used, or more of its people lie outside of bounds, than the settings allow",
  ),
  "replay-data": mendable("a dataset is no longer what the session committed to"),
  departed: {
    means:
      "a replay named a message that no honest node would have sent, or records that contradict each other",
    exit: EXIT.protocolFailure,
  },
  checks: mendable("`doctor` found something that keeps the node from working"),
  audit: { means: "the audit log was edited, or entries are missing", exit: EXIT.protocolFailure },
  ledger: {
    means: "the ledger or the count of evaluations says less than the audit log",
    exit: EXIT.protocolFailure,
  },
  backup: mendable("a file is no backup of a node, is cut short or was changed, or proves nothing about one"),
  "backup-key": mendable("a passphrase, recipient or identity is none, or does not open the backup"),
  clock: { means: "the clock is behind what the audit log has seen", exit: EXIT.protocolFailure },
  "refused-here": { means: "this node's own policy refuses the report", exit: EXIT.refused },
  "refused-there": { means: "the partner refuses the report", exit: EXIT.refused },
  "wrong-result": {
    means: "a result differs from the one computed in the clear",
    exit: EXIT.protocolFailure,
  },
  process: {
    means: "a process that the command started failed; its exit code is kept",
    exit: EXIT.protocolFailure,
  },
  cancelled: mendable("a run was cancelled before it had ended; what was charged stays charged"),
  stopped: { means: "a signal ended the command; it exits with 128 + the signal's number", exit: 128 },
  internal: { means: "a defect on this side; HALFROOM_DEBUG=1 shows where", exit: EXIT.protocolFailure },
} as const satisfies Record<string, OperatorErrorKind>;

/** Every code, what it means and its exit code. Codes are added; none ever changes meaning. */
export const OPERATOR_ERRORS: Readonly<Record<OperatorErrorCode, OperatorErrorKind>> = {
  ...OWN,
  ...kinds("data", INPUT_ERRORS, () => EXIT.badInput),
  ...kinds("protocol", ERROR_CODES, (code) => (code === "refused" ? EXIT.refused : EXIT.protocolFailure)),
};

function kinds<Prefix extends string, Code extends string>(
  prefix: Prefix,
  codes: Readonly<Record<Code, string>>,
  exitOf: (code: Code) => number,
) {
  const named = Object.entries<string>(codes).map(([code, means]) => {
    return [`${prefix}-${code}`, { means, exit: exitOf(code as Code) }] as const;
  });
  return Object.fromEntries(named) as Record<`${Prefix}-${Code}`, OperatorErrorKind>;
}

/** One fault of a file that a person wrote. */
export interface Problem {
  /** From 1. */
  readonly line: number;
  /** Dotted path, for example `ours.measures.revenue.low`; "" for the file as a whole. */
  readonly field: string;
  readonly fault: string;
  readonly remedy: string;
}

export interface OperatorErrorDetails {
  readonly cause?: unknown;
  /** With the codes `yaml` and `template`: all faults, by line. */
  readonly problems?: readonly Problem[];
  /** With the codes `refused-here` and `refused-there`. */
  readonly reasons?: readonly Reason[];
  /** Where it differs from the code's own. */
  readonly exit?: number;
}

/**
 * The one error that the verbs of a node reject with. Its message is for the operator: what is wrong, where, and the remedy,
 * in one line or more; it never holds an identifier, a key or a value of a row.
 */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
  readonly code: OperatorErrorCode;
  readonly exit: number;
  readonly problems: readonly Problem[];
  readonly reasons: readonly Reason[];

  constructor(code: OperatorErrorCode, words: string, details: OperatorErrorDetails = {}) {
    super(words, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.exit = details.exit ?? OPERATOR_ERRORS[code].exit;
    this.problems = details.problems ?? [];
    this.reasons = details.reasons ?? [];
  }

  /** As data: what `--json` prints. */
  toJSON(): { readonly code: OperatorErrorCode; readonly words: string } {
    return { code: this.code, words: this.message };
  }
}

/** A policy refuses the report, this node's or the partner's; nothing was computed. */
export function refusedBy(who: "us" | "partner", reasons: readonly Reason[]): OperatorError {
  const [code, title] =
    who === "us"
      ? (["refused-here", "refused by this node's own policy"] as const)
      : (["refused-there", "refused by the partner"] as const);
  const words = [`${title}:`, ...reasons.map(({ words: why }) => `- ${why}`)].join("\n");
  return new OperatorError(code, words, { reasons });
}

/** The error as an operator is to see it. One that nobody has words for may quote data; it is returned as it is. */
export function toOperatorError(error: unknown): unknown {
  if (error instanceof InputError) {
    return new OperatorError(`data-${error.code}`, error.message, { cause: error });
  }
  if (error instanceof ScratchError) {
    const remedy =
      "free space on its disk, or name another folder in the setting `scratch`, or in HALFROOM_SCRATCH";
    return new OperatorError("folder", `${error.message}: ${remedy}.`, { cause: error });
  }
  if (!(error instanceof ProtocolError)) return error;
  const place = error.phase === undefined ? "" : ` during ${error.phase}`;
  const who = error.fromPartner ? "the partner ended it: " : "";
  const words = `${error.code}${place}: ${who}${error.message}`;
  return new OperatorError(`protocol-${error.code}`, words, { cause: error });
}

/** Our own errors have words that are safe to log; any other error, a defect's cause too, may quote data, so only its name is told. */
export function safeWords(error: unknown): string {
  const ours = [ProtocolError, OperatorError, InputError, ScratchError].some((kind) => error instanceof kind);
  if (!ours) return String((error as Error)?.name);
  const { message, cause } = error as Error;
  const isDefect = error instanceof ProtocolError && error.code === "internal" && cause instanceof Error;
  return isDefect ? `${message} (${cause.name})` : message;
}

/** What the system says of a file: ENOENT, EACCES, ... */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "unknown";
}

const WRITING_REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: "free space on its disk",
  EDQUOT: "free space in this account's quota",
  EROFS: "make its file system writable",
  EACCES: "make it writable for this account",
  EPERM: "make it writable for this account",
  EEXIST: "it exists already: name another file, or move that one away",
};

/** A file of the node, or of its owner, that the system does not let it write: `contents` is what was being written. */
export function unwritable(file: string, contents: string, cause: unknown): OperatorError {
  const code = codeOf(cause);
  const remedy = WRITING_REMEDIES[code] ?? "look at its folder and file system";
  return new OperatorError("folder", `Cannot write ${contents} to ${file} (${code}); ${remedy}.`, { cause });
}
