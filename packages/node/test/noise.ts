// The noise of a report's terms, for the tests of the rules.
import type { PrivacyCost } from "@halfroom/release";
import type { ReleaseRule } from "../src/terms/terms.types.ts";

/** Laplace noise of one epsilon, people and all measures alike. */
export function noiseOf(microEpsilon: number, measures = 0): Extract<ReleaseRule, { mode: "noise" }> {
  const weights = { people: 1, measures: Array.from({ length: measures }, () => 1) };
  return { mode: "noise", mechanism: "laplace", microEpsilon, deltaExponent: 6, weights };
}

/** What Laplace noise of one epsilon costs: epsilon, and half its square in units of 10^-12. */
export function costOf(microEpsilon: number): PrivacyCost {
  return { microEpsilon, picoRho: BigInt(microEpsilon) ** 2n / 2n };
}
