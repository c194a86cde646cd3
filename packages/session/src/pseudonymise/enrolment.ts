// How many people enrol together (protocol-spec.md, section "Pseudonymise"): whole steps, so that the number of new people says
// nothing about a few of them.
import { ProtocolError } from "@halfroom/wire";
import { statedPeople } from "../agreement/stated-people.ts";
import type { ReceiverStatement } from "../agreement/statement.ts";

/** Smallest step. */
const STEP_MIN = 1024;
/** A step is at least this part of the set. */
const STEPS_OF_SET = 100;

/** The step of a dataset with so many items, which includes those that people lack; at least that of any part of it. */
export function enrolmentStep(items: number): number {
  return Math.max(STEP_MIN, Math.ceil(items / STEPS_OF_SET));
}

/**
 * The step of a side that rounds its people up, `each` items a person: that of the rounded dataset, and at least what it rounds to.
 * Step and evaluations otherwise told the true number more closely than the rounded one.
 */
export function roundedStep(items: number, roundPeopleTo: number, each: number): number {
  const stated = statedPeople(items / each, roundPeopleTo, each) * each;
  return Math.max(enrolmentStep(stated), roundPeopleTo);
}

/** Rows of the OPRF for `missing` identifiers: whole steps, one at least. */
export function enrolmentSize(missing: number, step: number): number {
  return step * Math.max(1, Math.ceil(missing / step));
}

/**
 * Errors: `agreement` unless the receiver of a session with so many items asks for whole steps, one at least, and its step is no
 * smaller than these items alone make it.
 */
export function assertWholeSteps({ step, evaluations }: ReceiverStatement, items: number): void {
  if (step < enrolmentStep(items) || evaluations === 0 || evaluations % step !== 0)
    throw new ProtocolError("agreement", "the receiver asks for evaluations that are not whole steps");
}
