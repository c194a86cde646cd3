// Errors as problems (RFC 9457): the command line's code and words, and a status that fits them.
import { OPERATOR_ERRORS, OperatorError, type OperatorErrorCode } from "@halfroom/node";
import { REQUEST_PROBLEMS, type Problem } from "../contract/problem.ts";
import { RequestError } from "./request-error.ts";

/** What the address of a request may name and not be there. Named in a body, it is a fault of the body. */
const MISSING: readonly OperatorErrorCode[] = [
  "no-partner",
  "no-policy",
  "no-dataset",
  "no-session",
  "no-series",
  "no-template",
  "no-report",
  "no-worker",
  "no-token",
  "no-user",
  "no-job",
];

const STATUSES: Readonly<Partial<Record<OperatorErrorCode, number>>> = {
  "name-taken": 409,
  "session-state": 409,
  "series-state": 409,
  approver: 403,
  cluster: 409,
  "store-busy": 503,
  "protocol-busy": 503,
  "protocol-timeout": 504,
  settings: 500,
  folder: 500,
  "open-to-others": 500,
  damaged: 500,
  audit: 500,
  ledger: 500,
  clock: 500,
  internal: 500,
};
const UNPROCESSABLE = 422;
const BAD_GATEWAY = 502;
const DEFECT = "internal: a defect on this side; the node's log says which.";

export interface AnsweredProblem {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

/** `isNamed`: whether the address of the request names what may be missing. A defect's own words may quote data, and stay here. */
export function problemOf(error: unknown, isNamed: boolean): AnsweredProblem {
  if (error instanceof RequestError) {
    const { code, message: detail, problems, headers, status } = error;
    const { title } = REQUEST_PROBLEMS[code];
    return {
      problem: { type: typeOf(code), title, status, detail, code, ...(problems && { problems }) },
      headers,
    };
  }
  if (!(error instanceof OperatorError)) return problemOf(new OperatorError("internal", DEFECT), isNamed);
  const { code, message: detail, problems, reasons } = error;
  const problem: Problem = {
    type: typeOf(code),
    title: OPERATOR_ERRORS[code].means,
    status: statusOf(code, isNamed),
    detail,
    code,
    ...(problems.length > 0 && { problems: [...problems] }),
    ...(reasons.length > 0 && { reasons: [...reasons] }),
  };
  return { problem, headers: problem.status === STATUSES["store-busy"] ? { "retry-after": "1" } : {} };
}

function statusOf(code: OperatorErrorCode, isNamed: boolean): number {
  if (isNamed && MISSING.includes(code)) return 404;
  return STATUSES[code] ?? (code.startsWith("protocol-") ? BAD_GATEWAY : UNPROCESSABLE);
}

function typeOf(code: string): string {
  return `urn:halfroom:error:${code}`;
}
