import { expect, test } from "vitest";
import { mean, variance } from "../../src/index.ts";
import { normal, standardDeviation, uniform } from "../draws.ts";

const exact = (value: bigint) => ({ value, variance: 0 });
const random = uniform(7);
/** Amounts in cents. */
const amounts = Array.from({ length: 5000 }, () => Math.floor(random() * 20_000));
const n = amounts.length;
const sum = amounts.reduce((total, amount) => total + amount, 0);
const squares = amounts.reduce((total, amount) => total + amount ** 2, 0);

test("mean and variance are those of the people, in the unit of the measure", () => {
  const euros = amounts.map((amount) => amount / 100);
  const middle = euros.reduce((total, amount) => total + amount) / n;
  const spread = euros.reduce((total, amount) => total + (amount - middle) ** 2, 0) / n;
  const people = exact(BigInt(n));
  expect(mean(people, exact(BigInt(sum)), 2, undefined)).toMatchObject({ noiseError: 0, samplingError: 0 });
  expect(mean(people, exact(BigInt(sum)), 2, undefined)!.value).toBeCloseTo(middle, 9);
  const found = variance(people, exact(BigInt(sum)), exact(BigInt(squares)), 2, undefined)!;
  expect(found.value).toBeCloseTo(spread, 7);
  expect(found.low).toBe(found.value);
});

test("their standard errors are those of simulated noise", () => {
  const spread = { people: 9, sum: 100_000, squares: 2e9 };
  const noisy = (value: number, deviation: number) => ({
    value: BigInt(Math.round(value + deviation * normal(random))),
    variance: deviation ** 2,
  });
  const draws = Array.from({ length: 20_000 }, () => {
    const [p, s, q] = [noisy(n, spread.people), noisy(sum, spread.sum), noisy(squares, spread.squares)];
    return { mean: mean(p, s, 2, undefined)!.value, variance: variance(p, s, q, 2, undefined)!.value };
  });
  const [p, s, q] = [
    { value: BigInt(n), variance: spread.people ** 2 },
    { value: BigInt(sum), variance: spread.sum ** 2 },
    { value: BigInt(squares), variance: spread.squares ** 2 },
  ];
  const seen = standardDeviation(draws.map((draw) => draw.mean));
  expect(mean(p, s, 2, undefined)!.noiseError / seen).toBeCloseTo(1, 1.5);
  const seenVariance = standardDeviation(draws.map((draw) => draw.variance));
  expect(variance(p, s, q, 2, undefined)!.noiseError / seenVariance).toBeCloseTo(1, 1.5);
});

test("nobody has no mean", () => {
  expect(mean(exact(0n), exact(5n), 0, undefined)).toBeUndefined();
  expect(mean({ value: -3n, variance: 4 }, exact(5n), 0, undefined)).toBeUndefined();
  expect(variance(exact(0n), exact(5n), exact(5n), 0, undefined)).toBeUndefined();
});
