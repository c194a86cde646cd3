// What is wrong with a request itself.
import { REQUEST_PROBLEMS, type Problem, type RequestProblem } from "../contract/problem.ts";

export interface RequestErrorDetails {
  readonly problems?: Problem["problems"];
  readonly headers?: Readonly<Record<string, string>>;
}

export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: RequestProblem;
  readonly problems: Problem["problems"];
  readonly headers: Readonly<Record<string, string>>;

  /** `words`: what is wrong and what to do; no value of the request. */
  constructor(code: RequestProblem, words: string, { problems, headers = {} }: RequestErrorDetails = {}) {
    super(words);
    this.code = code;
    this.problems = problems;
    this.headers = headers;
  }

  get status(): number {
    return REQUEST_PROBLEMS[this.code].status;
  }
}
