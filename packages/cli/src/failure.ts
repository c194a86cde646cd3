// How a command ends.

/** Exit codes, documented in the README; they never change meaning. */
export const EXIT = { done: 0, badInput: 2, protocolFailure: 3, refused: 4 } as const;

/** An end other than success: the exit code, and one or two lines that say what, where and the remedy. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "Failure";
    this.exitCode = exitCode;
  }
}

export function badInput(message: string): Failure {
  return new Failure(EXIT.badInput, message);
}
