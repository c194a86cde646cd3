// What releases with noise have cost together.
import { epsilonAtDelta, type PrivacyCost } from "@halfroom/release";

/** What was spent in a period is stated as epsilon at 10^LEDGER_DELTA_EXPONENT. */
const LEDGER_DELTA_EXPONENT = -6;
/** Releases with noise that a budget is spent on. */
export interface Spending {
  /** Together those of all releases. */
  readonly costs: readonly PrivacyCost[];
  /** Of all of them together, at the ledger's delta, in millionths; the most of what `costs` and `ahead` come to. */
  readonly microEpsilon: number;
  /** The same of each period to come in which series have reserved something. */
  readonly ahead?: readonly (readonly PrivacyCost[])[];
}

/** What so much more comes to, in the period in which it is most, in millionths. */
export function epsilonWith({ costs, ahead = [] }: Spending, more: readonly PrivacyCost[]): number {
  return Math.max(
    ...[costs, ...ahead].map((each) => epsilonAtDelta([...each, ...more], LEDGER_DELTA_EXPONENT)),
  );
}

/** The sums of rows with a pure epsilon, or of those without. Rho is in two halves, each of which a double holds. */
export interface CostRow {
  readonly pure: 0 | 1;
  readonly sessions: number;
  readonly micro_epsilon: number;
  readonly giga: number;
  readonly rest: number;
}

export const GIGA = 1_000_000_000;
/** Columns of a `CostRow`, for rows of the table `ledger` grouped by `pure`. */
export const COSTS = `pure, count(*) AS sessions, sum(micro_epsilon) AS micro_epsilon,
  sum(CAST(pico_rho AS INTEGER) / ${GIGA}) AS giga, sum(CAST(pico_rho AS INTEGER) % ${GIGA}) AS rest`;

/** Of rows with noise. */
export function spendingOf(rows: readonly CostRow[]): Spending {
  const costs = rows.map(({ micro_epsilon, giga, rest, pure }): PrivacyCost => {
    const picoRho = BigInt(giga) * BigInt(GIGA) + BigInt(rest);
    return { microEpsilon: pure === 1 ? micro_epsilon : undefined, picoRho };
  });
  return { costs, microEpsilon: epsilonAtDelta(costs, LEDGER_DELTA_EXPONENT) };
}
