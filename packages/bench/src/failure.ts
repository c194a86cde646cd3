// How the benchmark ends when it cannot measure.

/** The exit codes of the command: 2 for input and flags, 3 for everything else. */
const BAD_INPUT = 2;
const FAILED = 3;

export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = FAILED, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "Failure";
    this.exitCode = exitCode;
  }
}

export function badInput(message: string, cause?: unknown): Failure {
  return new Failure(message, BAD_INPUT, { cause });
}
