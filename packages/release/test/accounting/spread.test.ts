// Variance, interval and tail of a released number against sums of exact probabilities.
import { noiseRefusal, planNoise, thresholdFor, varianceOfNoise, type Noise } from "@halfroom/release";
import { seededRng } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { sumOfTwo } from "../../src/accounting/sum-of-two.ts";
import { noiseReach } from "../../src/accounting/tail.ts";
import { RandomBits } from "../../src/noise/bits.ts";
import { noiseSampler } from "../../src/noise/noise.ts";
import { probabilitiesOfSum } from "../noise/exact-probabilities.ts";
import { halfWidth95 } from "./interval.ts";

const laplace = (numerator: bigint, denominator = 1n): Noise => ({
  mechanism: "laplace",
  scale: { numerator, denominator },
});
const gaussian = (numerator: bigint, denominator = 1n): Noise => ({
  mechanism: "gaussian",
  sigma2: { numerator, denominator },
});

const SMALL: readonly (readonly [string, Noise])[] = [
  ["Laplace, scale 1 / 10", laplace(1n, 10n)],
  ["Laplace, scale 2", laplace(2n)],
  ["Laplace, scale 37 / 5", laplace(37n, 5n)],
  ["Gaussian, sigma^2 1 / 9", gaussian(1n, 9n)],
  ["Gaussian, sigma^2 1", gaussian(1n)],
  ["Gaussian, sigma^2 250 / 3", gaussian(250n, 3n)],
];

describe.each(SMALL)("%s", (_, noise) => {
  const exact = probabilitiesOfSum(noise);
  const beyond = (x: bigint) => [...exact].reduce((sum, [value, p]) => (value > x ? sum + p : sum), 0);

  test("has the variance of the exact probabilities", () => {
    const variance = [...exact].reduce((sum, [value, p]) => sum + Number(value) ** 2 * p, 0);
    expect(varianceOfNoise(noise) / variance).toBeCloseTo(1, 9);
  });

  test("has an interval that covers 95 %, at most one unit wider than the smallest that does", () => {
    const half = halfWidth95(noise);
    expect(1 - 2 * beyond(half)).toBeGreaterThanOrEqual(0.95);
    if (half > 1n) expect(1 - 2 * beyond(half - 2n)).toBeLessThan(0.95);
  });

  test("has tails that are never below the exact ones, nor far above", () => {
    for (const x of [0n, 1n, 2n, 5n, 17n]) {
      const exactTail = beyond(x);
      if (exactTail < 1e-12) continue;
      const { tail } = sumOfTwo(noise);
      expect(tail(Number(x))).toBeGreaterThanOrEqual(exactTail);
      expect(tail(Number(x)) / exactTail).toBeLessThan(1 + 1e-6);
    }
  });
});

describe("noise of a large scale", () => {
  const DRAWS = 40_000;
  // The share of 40,000 intervals that cover is within 0.43 % of the true one but for one run in 15,000.
  const slack = 4 * Math.sqrt((0.95 * 0.05) / DRAWS);

  test.each([
    ["Laplace", laplace(10n ** 11n, 3n)],
    ["Gaussian, just above what is summed", gaussian(4097n)],
    ["Gaussian", gaussian(10n ** 20n, 3n)],
  ] as const)("%s: the interval covers 95 % of sums of two draws", (name, noise) => {
    const bits = new RandomBits(seededRng(`covers ${name}`));
    const sample = noiseSampler(noise);
    const [half, variance] = [halfWidth95(noise), varianceOfNoise(noise)];
    let covered = 0;
    let squares = 0;
    for (let i = 0; i < DRAWS; i++) {
      const sum = sample(bits) + sample(bits);
      if (sum <= half && sum >= -half) covered++;
      squares += Number(sum) ** 2 / DRAWS;
    }
    expect(Math.abs(covered / DRAWS - 0.95)).toBeLessThan(slack);
    // The sample variance of a Laplace sum has a standard error of 1.3 %.
    expect(Math.abs(squares / variance - 1)).toBeLessThan(0.05);
  });

  test("the tail just above and just below sigma 64 agree, the wide one being the larger", () => {
    const summed = sumOfTwo(gaussian(4096n));
    const wide = sumOfTwo(gaussian(4097n));
    for (const x of [200, 300, 430, 500]) {
      expect(wide.tail(x)).toBeGreaterThan(summed.tail(x));
      expect(wide.tail(x) / summed.tail(x)).toBeLessThan(1.25);
    }
  });
});

describe("the check of threshold and noise", () => {
  test.each(SMALL)("%s: refuses below the threshold it names and accepts at it", (_, noise) => {
    const needed = thresholdFor(noise, 11n, 11n) ?? 11n;
    expect(thresholdFor(noise, needed, 11n)).toBeUndefined();
    if (needed === 11n) return;
    expect(thresholdFor(noise, needed - 1n, 11n)).toBe(needed);
    const exact = probabilitiesOfSum(noise);
    const beyond = (x: bigint) => [...exact].reduce((sum, [value, p]) => (value > x ? sum + p : sum), 0);
    expect(beyond(needed - 11n)).toBeLessThanOrEqual(2 ** -20);
    expect(beyond(needed - 12n)).toBeGreaterThan(2 ** -20);
  });

  test("a threshold below the floor is refused whatever the noise", () => {
    expect(thresholdFor(laplace(1n, 100n), 10n, 11n)).toBe(11n);
  });

  const terms = (microEpsilon: number) => ({
    mechanism: "laplace" as const,
    microEpsilon,
    columns: [
      { sensitivity: 1n, weight: 1 },
      { sensitivity: 1000n, weight: 3 },
    ],
    partitionWeights: [1, 2],
  });

  test("the hint names a threshold and an epsilon that are accepted, and by a little less are not", () => {
    const hint = noiseRefusal(terms(500_000), 100n, 11n)!;
    expect(hint.threshold).toBeGreaterThan(100n);
    expect(noiseRefusal(terms(500_000), hint.threshold, 11n)).toBeUndefined();
    expect(noiseRefusal(terms(500_000), hint.threshold - 1n, 11n)).toBeDefined();
    expect(noiseRefusal(terms(hint.microEpsilon!), 100n, 11n)).toBeUndefined();
    expect(noiseRefusal(terms(hint.microEpsilon! - 1), 100n, 11n)).toBeDefined();
  });

  test("no epsilon is named where none helps", () => {
    expect(noiseRefusal(terms(500_000), 10n, 11n)).toMatchObject({ microEpsilon: undefined });
  });

  test("is for the noise of the people's column of the worst partition", () => {
    const [first, second] = planNoise(terms(500_000)).noise.map(([people]) =>
      thresholdFor(people!, 20n, 11n)!,
    );
    expect(first).toBeGreaterThan(second!);
    expect(noiseRefusal(terms(500_000), 20n, 11n)!.threshold).toBe(first);
  });
});

test("the reach of noise is what its tails say", () => {
  for (const noise of [laplace(2n), laplace(10n ** 12n), gaussian(100n), gaussian(10n ** 20n)]) {
    for (const probability of [2 ** -41, 2 ** -64]) {
      const reach = Number(noiseReach(noise, probability));
      const sum = sumOfTwo(noise);
      expect(sum.tail(reach)).toBeLessThanOrEqual(probability);
      expect(sum.tail(Math.floor(reach * 0.99) - 1)).toBeGreaterThan(probability);
    }
  }
});
