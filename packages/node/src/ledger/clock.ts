// The node's time. Budgets, epochs and limits are counted in it, so that it never goes back: the audit log keeps the latest moment that was
// seen, and the system's clock must not be before it.
import type { Audit } from "../audit/audit.ts";
import { OperatorError } from "../errors.ts";
import { DAY_MS, HOUR_MS } from "../time.ts";

/** So far a clock may be set back, as it is when it is set right against a server; time stands still meanwhile. */
const SLACK_MS = 600_000;
/** Without an entry for so long the log gets one, so that it has seen the time. */
const READ_MS = 6 * HOUR_MS;
/** A node that was not off for so long has a clock that jumped. */
const JUMP_MS = 3 * DAY_MS;

/** Moments in milliseconds since 1970. */
export interface ClockChange {
  readonly from: number;
  readonly to: number;
}

export class Clock {
  readonly #audit: Audit;
  readonly #system: () => number;

  /** `system`: milliseconds since 1970. */
  constructor(audit: Audit, system: () => number = Date.now) {
    this.#audit = audit;
    this.#system = system;
  }

  /** Milliseconds since 1970, never before an entry of the log. */
  now(): number {
    return Math.max(this.#system(), this.#audit.mark);
  }

  /** Errors: `clock`, if the system's clock is behind the log. */
  assertNotBehind(): void {
    const { from, to } = this.#reading();
    if (to >= from - SLACK_MS) return;
    const remedy =
      "Set the clock right, or wait. If the clock was ahead when the log was written, run `halfroom audit correct-clock`; nothing that was spent comes back by it";
    const words = `The clock says ${moment(to)}, and the audit log has seen ${moment(from)}: nothing is served, run or approved. ${remedy}.`;
    throw new OperatorError("clock", words);
  }

  /** Lets the log see the time, if it has not for a while. Returns a jump of the clock since the entry before. */
  read(): ClockChange | undefined {
    const { from, to } = this.#reading();
    if (from === 0 || to - from < READ_MS) return undefined;
    const jumped = to - from >= JUMP_MS;
    this.#audit.append(jumped ? "clock-jumped" : "clock-read", { from: moment(from), to: moment(to) }, to);
    return jumped ? { from, to } : undefined;
  }

  /** An administrator says that the log was written by a clock that was ahead, and that the system's is right now. Errors: `clock`, if it is not behind. */
  correct(): ClockChange {
    const { from, to } = this.#reading();
    if (to >= from)
      throw new OperatorError("clock", "The clock is not behind the audit log: there is nothing to correct.");
    this.#audit.append("clock-corrected", { from: moment(from), to: moment(to) }, to);
    return { from, to };
  }

  #reading(): ClockChange {
    return { from: this.#audit.mark, to: this.#system() };
  }
}

/** For the operator: either the node was off, or its clock is wrong. */
export function jumpWords({ from, to }: ClockChange): string {
  const days = ((to - from) / DAY_MS).toFixed(1);
  return `the clock is ${days} days after the last entry of the audit log: if the node was not off for so long, set the clock right before anything runs`;
}

function moment(at: number): string {
  return new Date(at).toISOString();
}
