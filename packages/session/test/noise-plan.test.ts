// How far one person moves each column of a report with events, and so how much noise it gets.
import { noisePlanOf, type Terms } from "@halfroom/session";
import { noiseOf, TERMS } from "@halfroom/testkit";
import { expect, test } from "vitest";

const LOW = -300n;
const HIGH = 500n;

/** Each column has epsilon 1, so that its scale is its sensitivity. */
function sensitivities(changes: Partial<Terms>, columns: number) {
  const plan = noisePlanOf({
    ...TERMS,
    report: "lift",
    match: [TERMS.match[0]!],
    senderGroupBy: [],
    partitions: [["arm"]],
    entriesMax: 1,
    events: { perPerson: 3, windowSeconds: 0 },
    resultTo: "receiver",
    measures: [{ name: "amount", low: LOW, high: HIGH, decimals: 0, squares: true }],
    release: noiseOf(columns * 1_000_000, 1),
    ...changes,
  })!;
  const scales = [...plan.noise[0]!, ...(plan.bases ?? [])].map((noise) =>
    noise.mechanism === "laplace" ? noise.scale.numerator / noise.scale.denominator : undefined,
  );
  return { scales, cost: plan.cost.microEpsilon };
}

test("of a lift: people, the range of the sum, the square of the larger bound, and bases that are told", () => {
  expect(sensitivities({}, 3)).toEqual({ scales: [1n, 800n, 250_000n], cost: 3_000_000 });
  expect(sensitivities({ resultTo: "both" }, 4)).toEqual({
    scales: [1n, 800n, 250_000n, 1n],
    cost: 4_000_000,
  });
  const twoKeys = { match: [TERMS.match[0]!, { key: "phone", label: "phone" }] };
  expect(sensitivities(twoKeys, 3).scales).toEqual([2n, 1600n, 500_000n]);
});
