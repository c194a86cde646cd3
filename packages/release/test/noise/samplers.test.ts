// The samplers against the exact probabilities of their distributions, with fixed seeds. Each test of fit comes with its
// power: the distributions nearby that the same draws refute.
import type { Noise } from "@halfroom/release";
import { seededRng } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { bernoulliExp, bernoulliExpOne } from "../../src/noise/bernoulli.ts";
import { RandomBits } from "../../src/noise/bits.ts";
import { noiseSampler } from "../../src/noise/noise.ts";
import { chiSquare } from "./chi-square.ts";
import { expOf, probabilities } from "./exact-probabilities.ts";

const DRAWS = 200_000;

const bitsOf = (seed: string) => new RandomBits(seededRng(seed));

function draws(noise: Noise, seed: string, count = DRAWS): bigint[] {
  const sample = noiseSampler(noise);
  const bits = bitsOf(seed);
  return Array.from({ length: count }, () => sample(bits));
}

const laplace = (numerator: bigint, denominator = 1n): Noise => ({
  mechanism: "laplace",
  scale: { numerator, denominator },
});
const gaussian = (numerator: bigint, denominator = 1n): Noise => ({
  mechanism: "gaussian",
  sigma2: { numerator, denominator },
});

describe("uniform integers", () => {
  test.each([1n, 2n, 3n, 7n, 8n, 100n, 257n])("below %i are all equally likely", (bound) => {
    const bits = bitsOf(`below ${bound}`);
    const drawn = Array.from({ length: 50_000 }, () => bits.below(bound));
    const uniform = (size: bigint) =>
      new Map(Array.from({ length: Number(size) }, (_, i) => [BigInt(i), 1 / Number(size)]));
    if (bound === 1n) return expect(new Set(drawn)).toEqual(new Set([0n]));
    const { statistic, critical } = chiSquare(drawn, uniform(bound));
    expect(statistic).toBeLessThan(critical);
    expect(chiSquare(drawn, uniform(bound + 1n)).statistic).toBeGreaterThan(critical);
  });

  test("below bounds of any size stay below, and reach the upper and the lower half", () => {
    for (const bound of [2n ** 32n, 2n ** 32n + 1n, 2n ** 64n - 1n, 3n ** 70n]) {
      const bits = bitsOf(`wide ${bound}`);
      const drawn = Array.from({ length: 4000 }, () => bits.below(bound));
      expect(drawn.every((value) => value >= 0n && value < bound)).toBe(true);
      // 4 standard deviations of a fair coin.
      const upper = drawn.filter((value) => 2n * value >= bound).length;
      expect(Math.abs(upper - 2000)).toBeLessThan(4 * Math.sqrt(1000));
    }
  });
});

describe("Bernoulli(exp(-gamma))", () => {
  // Over 4.5 standard deviations: a wrong probability that differs by 0.01 is refused with near certainty.
  const within = 4.5 * Math.sqrt(0.25 / DRAWS);

  test.each([
    [0n, 5n],
    [1n, 1_000_000n],
    [1n, 3n],
    [1n, 2n],
    [99n, 100n],
    [1n, 1n],
    [3n, 2n],
    [7n, 2n],
    [10n ** 30n, 3n * 10n ** 30n],
  ])("for gamma = %i / %i", (numerator, denominator) => {
    const bits = bitsOf(`bernoulli ${numerator} ${denominator}`);
    let ones = 0;
    for (let i = 0; i < DRAWS; i++) if (bernoulliExp(bits, numerator, denominator)) ones++;
    expect(Math.abs(ones / DRAWS - expOf(numerator, denominator))).toBeLessThan(within);
    if (numerator === 0n) expect(ones).toBe(DRAWS);
  });

  test("for gamma = 1 by its own path", () => {
    const bits = bitsOf("one");
    let ones = 0;
    for (let i = 0; i < DRAWS; i++) if (bernoulliExpOne(bits)) ones++;
    expect(Math.abs(ones / DRAWS - expOf(1n, 1n))).toBeLessThan(within);
  });
});

describe("noise has the exact probabilities of its distribution, and not those of one nearby", () => {
  const CASES: readonly (readonly [string, Noise, readonly Noise[]])[] = [
    ["Laplace, scale 1", laplace(1n), [laplace(103n, 100n), laplace(97n, 100n)]],
    ["Laplace, scale 2 / 3", laplace(2n, 3n), [laplace(69n, 100n), laplace(64n, 100n), gaussian(1n)]],
    ["Laplace, scale 10 / 3", laplace(10n, 3n), [laplace(343n, 100n), laplace(323n, 100n), gaussian(22n)]],
    ["Laplace, scale 1 / 10", laplace(1n, 10n), [laplace(1n, 8n)]],
    ["Laplace, scale 40", laplace(40n), [laplace(42n), laplace(38n)]],
    ["Gaussian, sigma^2 1", gaussian(1n), [gaussian(104n, 100n), gaussian(96n, 100n), laplace(7n, 10n)]],
    ["Gaussian, sigma^2 1 / 3", gaussian(1n, 3n), [gaussian(36n, 100n), gaussian(31n, 100n)]],
    [
      "Gaussian, sigma^2 50 / 7",
      gaussian(50n, 7n),
      [gaussian(52n, 7n), gaussian(48n, 7n), laplace(19n, 10n)],
    ],
    ["Gaussian, sigma^2 400", gaussian(400n), [gaussian(420n), gaussian(380n)]],
  ];

  test.each(CASES)("%s", (name, noise, nearby) => {
    const drawn = draws(noise, name);
    const { statistic, critical } = chiSquare(drawn, probabilities(noise));
    expect(statistic).toBeLessThan(critical);
    for (const other of nearby)
      expect(chiSquare(drawn, probabilities(other)).statistic).toBeGreaterThan(critical);
  });

  // Sizes of a sum of money over a small epsilon: too many values to count one by one. Half of all draws lie within the
  // median of the magnitudes; a share that is off by 1.2 % of all draws is refused.
  test.each([
    ["Laplace", laplace(10n ** 12n, 7n), Math.LN2 * (1e12 / 7)],
    ["Gaussian", gaussian(10n ** 22n, 7n), 0.674489750196082 * Math.sqrt(1e22 / 7)],
  ] as const)("%s of a large scale: signs, median of the magnitudes, last digits", (name, noise, median) => {
    const drawn = draws(noise, `large ${name}`);
    const share = (holds: (x: bigint) => boolean) => drawn.filter(holds).length / DRAWS;
    const within = 4.5 * Math.sqrt(0.25 / DRAWS);
    const limit = BigInt(Math.round(median));
    expect(Math.abs(share((x) => x < 0n) - 0.5)).toBeLessThan(within);
    expect(Math.abs(share((x) => x <= limit && x >= -limit) - 0.5)).toBeLessThan(within);
    expect(Math.abs(share((x) => x % 2n === 0n) - 0.5)).toBeLessThan(within);
  });

  test("a scale that is not positive is refused", () => {
    for (const wrong of [laplace(0n), laplace(1n, 0n), gaussian(-1n)])
      expect(() => noiseSampler(wrong)).toThrow(RangeError);
  });
});
