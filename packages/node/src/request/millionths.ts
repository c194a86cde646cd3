// Epsilon is counted in millionths, so that budgets add up exactly.

/** Largest epsilon of one report. */
export const EPSILON_MAX = 100;

/** Whether `value` is a positive whole number of millionths. */
export function isMillionths(value: number): boolean {
  const millionths = Math.round(value * 1e6);
  return millionths >= 1 && millionths / 1e6 === value;
}
