// What goes wrong on the command line itself.
import { OperatorError } from "@halfroom/node";

export { EXIT, OperatorError } from "@halfroom/node";

/** A flag or an argument that is missing or not understood; the message names it and says what to give. */
export function badInput(words: string, cause?: unknown): OperatorError {
  return new OperatorError("flags", words, { cause });
}
