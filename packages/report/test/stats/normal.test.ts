import { expect, test } from "vitest";
import { TWO_LAPLACE_95, twoSidedTail } from "../../src/index.ts";

test.each([
  [0, 1],
  [0.5, 0.617075077451974],
  [1, 0.31731050786291415],
  [1.959963984540054, 0.05],
  [2.82842, 0.004677839101466375],
  [2.82843, 0.004677692962933224],
  [3, 0.0026997960632601866],
  [-5, 5.733031437583892e-7],
  [10, 1.523970604832105e-23],
])("P(|Z| > |%s|) is %s", (z, tail) => {
  expect(Math.abs(twoSidedTail(z) / tail - 1)).toBeLessThan(1e-12);
});

test("the quantile of the sum of two Laplace variables leaves 5 % outside, by numeric convolution", () => {
  const step = 0.02;
  const half = 1500;
  const mass = (i: number) => (step / 2) * Math.exp(-Math.abs(i * step));
  let outside = 0;
  let total = 0;
  for (let i = -half; i <= half; i++) {
    for (let j = -half; j <= half; j++) {
      const p = mass(i) * mass(j);
      total += p;
      // The standard deviation of the sum is 2.
      if (Math.abs(i + j) * step > 2 * TWO_LAPLACE_95) outside += p;
    }
  }
  expect(total).toBeCloseTo(1, 3);
  expect(Math.abs(outside / total - 0.05)).toBeLessThan(5e-4);
});
