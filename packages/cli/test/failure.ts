import { expect } from "vitest";
import { OperatorError } from "../src/failure.ts";

/** The OperatorError that `run` must throw. */
export function failure(run: () => unknown): OperatorError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(OperatorError);
    return error as OperatorError;
  }
  throw new Error("nothing was thrown");
}
