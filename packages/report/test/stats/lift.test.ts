import { expect, test } from "vitest";
import { conversionLift, convertedArm, measureArm, measureLift } from "../../src/index.ts";
import { binomial, bothNoise, uniform } from "../draws.ts";

const known = (people: number) => ({ people, peopleVariance: 0 });

/** Myocardial infarctions under placebo and aspirin, Physicians' Health Study (New England Journal of Medicine 321, 1989). */
const PLACEBO = convertedArm(known(11_034), 189, 0);
const ASPIRIN = convertedArm(known(11_037), 104, 0);

test("agrees with the published intervals of a known trial (Agresti, Categorical Data Analysis, 3.1)", () => {
  const { relative, incremental, pValue } = conversionLift(PLACEBO, ASPIRIN, undefined);
  expect(relative!.value + 1).toBeCloseTo(1.82, 2);
  expect(relative!.low + 1).toBeCloseTo(1.43, 2);
  expect(relative!.high + 1).toBeCloseTo(2.31, 2);
  expect(incremental.value / 11_034).toBeCloseTo(0.0077, 4);
  expect(incremental.low / 11_034).toBeCloseTo(0.0047, 4);
  expect(incremental.high / 11_034).toBeCloseTo(0.0107, 4);
  expect(pValue).toBeCloseTo(5.7e-7, 7);
});

test("intervals cover the truth, and p-values are uniform without an effect, under chance and noise", () => {
  const random = uniform(20_26);
  const noise = { mechanism: "laplace", microEpsilon: 1_000_000 } as const;
  const b = 6;
  const runs = 2000;
  const people = { test: 1500, control: 900 };
  const lifted = { test: 0.12, control: 0.1 };
  const hits = { incremental: 0, relative: 0, falseAlarms: 0 };
  const draw = (n: number, p: number) =>
    convertedArm(known(n), binomial(random, n, p) + bothNoise(random, b), 4 * b * b);
  for (let run = 0; run < runs; run++) {
    const found = conversionLift(draw(people.test, lifted.test), draw(people.control, lifted.control), noise);
    const truth = people.test * (lifted.test - lifted.control);
    if (found.incremental.low <= truth && truth <= found.incremental.high) hits.incremental++;
    if (found.relative!.low <= 0.2 && 0.2 <= found.relative!.high) hits.relative++;
    const none = conversionLift(draw(people.test, 0.1), draw(people.control, 0.1), noise);
    if (none.pValue! < 0.05) hits.falseAlarms++;
  }
  // 2,000 runs measure a rate of 95 % to within 1 % (two standard errors); the quantile of the noise makes it a little more.
  expect(hits.incremental / runs).toBeGreaterThan(0.94);
  expect(hits.incremental / runs).toBeLessThan(0.975);
  expect(hits.relative / runs).toBeGreaterThan(0.94);
  expect(hits.relative / runs).toBeLessThan(0.975);
  expect(hits.falseAlarms / runs).toBeGreaterThan(0.035);
  expect(hits.falseAlarms / runs).toBeLessThan(0.065);
});

test("a measure's lift is Welch's test over all people of a group, those without value included", () => {
  const random = uniform(3);
  const group = (n: number, rate: number) =>
    Array.from({ length: n }, () => (random() < rate ? Math.round(100 * random()) : 0));
  const [a, b] = [group(800, 0.3), group(700, 0.25)];
  const moments = (values: number[]) => {
    const middle = values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / values.length;
    return { middle, error2: spread / values.length };
  };
  const arm = (values: number[], squares: boolean) =>
    measureArm(
      known(values.length),
      values.reduce((sum, value) => sum + value, 0),
      0,
      squares ? values.reduce((sum, value) => sum + value ** 2, 0) : undefined,
    );
  const found = measureLift(arm(a, true), arm(b, true), undefined);
  const [x, y] = [moments(a), moments(b)];
  expect(found.test.value).toBeCloseTo(x.middle, 9);
  expect(found.incremental.value).toBeCloseTo(800 * (x.middle - y.middle), 6);
  expect(found.incremental.samplingError).toBeCloseTo(800 * Math.sqrt(x.error2 + y.error2), 6);
  const z = Math.abs(x.middle - y.middle) / Math.sqrt(x.error2 + y.error2);
  expect(found.pValue).toBeCloseTo(tailBySimpson(z), 8);
  const unknown = measureLift(arm(a, false), arm(b, true), undefined);
  expect(unknown.pValue).toBeUndefined();
  expect(unknown.relative!.value).toBe(found.relative!.value);
  expect([unknown.relative!.high, unknown.incremental.low]).toEqual([Infinity, -Infinity]);
});

test("intervals cover the truth where the sizes of the groups have noise too, and not without counting it", () => {
  const random = uniform(4);
  const noise = { mechanism: "laplace", microEpsilon: 1_000_000 } as const;
  const b = 12;
  const runs = 2000;
  const hits = { counted: 0, ignored: 0 };
  const totals = { test: 500, control: 400 };
  for (let run = 0; run < runs; run++) {
    // Nothing but noise: people who did it half of the time, of whom all totals are known.
    const lift = (peopleVariance: number) => {
      const arm = (people: number, total: number) => ({
        people,
        peopleVariance,
        total,
        noiseVariance: 0,
        personVariance: 0,
      });
      return measureLift(arm(drawn.test, totals.test), arm(drawn.control, totals.control), noise).incremental;
    };
    const drawn = { test: 1000 + bothNoise(random, b), control: 900 + bothNoise(random, b) };
    const truth = totals.test - (1000 * totals.control) / 900;
    const inside = ({ low, high }: { low: number; high: number }) => low <= truth && truth <= high;
    if (inside(lift(4 * b * b))) hits.counted++;
    if (inside(lift(0))) hits.ignored++;
  }
  expect(hits.counted / runs).toBeGreaterThan(0.94);
  expect(hits.counted / runs).toBeLessThan(0.975);
  expect(hits.ignored / runs).toBeLessThan(0.2);
});

/** 2 (1 - Phi(z)) by Simpson's rule on the density up to 12. */
function tailBySimpson(z: number): number {
  const steps = 20_000;
  const h = (12 - z) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-((z + i * h) ** 2) / 2);
  }
  return (2 * sum * h) / 3 / Math.sqrt(2 * Math.PI);
}

test("a rate that noise took below zero has no relative lift, but a difference", () => {
  const { relative, incremental, pValue } = conversionLift(
    convertedArm(known(1000), 40, 100),
    convertedArm(known(1000), -5, 100),
    undefined,
  );
  expect(relative).toBeUndefined();
  expect(incremental.value).toBeCloseTo(45, 9);
  expect(pValue).toBeGreaterThan(0);
});
