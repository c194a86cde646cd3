// What noise costs, against the definition of differential privacy on exact probabilities.
import { columnSensitivities, epsilonAtDelta, noiseColumns, planNoise, type Noise } from "@halfroom/release";
import { describe, expect, test } from "vitest";
import { largestPicoRho } from "../../src/accounting/concentrated.ts";
import { probabilities } from "../noise/exact-probabilities.ts";

describe("sensitivities", () => {
  test("are people, sums and squares of the larger bound, times keys and entries", () => {
    const measures = [
      { low: -5n, high: 3n, squares: true },
      { low: 0n, high: 100n, squares: false },
    ];
    expect(columnSensitivities({ keys: 1, entriesMax: 1, measures })).toEqual([1n, 5n, 25n, 100n]);
    expect(columnSensitivities({ keys: 3, entriesMax: 4, measures })).toEqual([12n, 60n, 300n, 1200n]);
  });

  test("are at least 1, so that a column of nothing but zeros still has noise", () => {
    const measures = [{ low: 0n, high: 0n, squares: true }];
    expect(columnSensitivities({ keys: 1, entriesMax: 1, measures })).toEqual([1n, 1n, 1n]);
  });

  test("need as many weights", () => {
    expect(noiseColumns([1n, 7n])).toEqual([
      { sensitivity: 1n, weight: 1 },
      { sensitivity: 7n, weight: 1 },
    ]);
    expect(noiseColumns([1n, 7n], [3, 2])[1]).toEqual({ sensitivity: 7n, weight: 2 });
    expect(() => noiseColumns([1n, 7n], [3])).toThrow(RangeError);
  });
});

const COLUMNS = [
  { sensitivity: 1n, weight: 1 },
  { sensitivity: 7n, weight: 3 },
];

describe("Laplace noise", () => {
  const plan = planNoise({
    mechanism: "laplace",
    microEpsilon: 1_000_003,
    columns: COLUMNS,
    partitionWeights: [1, 1, 2],
  });

  test("splits epsilon by the weights of partitions and columns, rounded down", () => {
    const micro = plan.noise.map((part) =>
      part.map((noise, c) => {
        if (noise.mechanism !== "laplace") return expect.fail();
        return (COLUMNS[c]!.sensitivity * 1_000_000n * noise.scale.denominator) / noise.scale.numerator;
      }),
    );
    expect(micro).toEqual([
      [62_500n, 187_500n],
      [62_500n, 187_500n],
      [125_000n, 375_001n],
    ]);
    expect(plan.cost.microEpsilon).toBe(1_000_001);
  });

  test("costs rho = the sum of epsilon^2 / 2", () => {
    const epsilons = [0.0625, 0.1875, 0.0625, 0.1875, 0.125, 0.375001];
    const rho = epsilons.reduce((sum, epsilon) => sum + epsilon ** 2 / 2, 0);
    expect(Number(plan.cost.picoRho) / 1e12).toBeCloseTo(rho, 11);
  });

  test("makes no value more than exp(epsilon) times as likely under a neighbour", () => {
    const [[noise]] = planNoise({
      mechanism: "laplace",
      microEpsilon: 300_000,
      columns: [{ sensitivity: 3n, weight: 1 }],
      partitionWeights: [1],
    }).noise as [[Noise]];
    const p = probabilities(noise);
    const ratios = [...p].flatMap(([x, px]) => {
      const neighbour = p.get(x + 3n);
      return neighbour === undefined || px < 1e-9 || neighbour < 1e-9 ? [] : [px / neighbour];
    });
    expect(Math.log(Math.max(...ratios))).toBeCloseTo(0.3, 6);
  });
});

/** Smallest epsilon at delta by the definition: sum of max(0, P(x) - exp(epsilon) P(x - shift)) <= delta. */
function epsilonByDefinition(noise: Noise, shift: bigint, delta: number): number {
  const p = probabilities(noise);
  const excess = (epsilon: number) =>
    [...p].reduce((sum, [x, px]) => sum + Math.max(0, px - Math.exp(epsilon) * (p.get(x - shift) ?? 0)), 0);
  let [low, high] = [0, 20];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (excess(middle) <= delta) high = middle;
    else low = middle;
  }
  return high;
}

describe("Gaussian noise", () => {
  test.each([
    [1_000_000, -6, 1n],
    [500_000, -9, 2n],
    [3_000_000, -5, 1n],
  ])(
    "of %i millionths at 10^%i holds by the definition, and is not twice what is needed",
    (micro, delta, shift) => {
      const columns = [{ sensitivity: shift, weight: 1 }];
      const plan = planNoise({
        mechanism: "gaussian",
        microEpsilon: micro,
        delta,
        columns,
        partitionWeights: [1],
      });
      const needed = epsilonByDefinition(plan.noise[0]![0]!, shift, 10 ** delta) * 1e6;
      expect(needed).toBeLessThanOrEqual(micro);
      expect(needed).toBeGreaterThan(micro / 2);
      expect(plan.cost.microEpsilon).toBeUndefined();
    },
  );

  test("splits rho by weights: rho of a column is sensitivity^2 / (2 sigma^2)", () => {
    const plan = planNoise({
      mechanism: "gaussian",
      microEpsilon: 1_000_000,
      delta: -9,
      columns: COLUMNS,
      partitionWeights: [2, 1],
    });
    const rhos = plan.noise.flatMap((part) =>
      part.map((noise, c) => {
        if (noise.mechanism !== "gaussian") return expect.fail();
        const { numerator, denominator } = noise.sigma2;
        return Number(COLUMNS[c]!.sensitivity ** 2n * denominator) / Number(2n * numerator);
      }),
    );
    const whole = Number(plan.cost.picoRho) / 1e12;
    expect(rhos.map((rho) => rho / whole)).toEqual([2, 6, 1, 3].map((w) => expect.closeTo(w / 12, 8)));
    expect(epsilonAtDelta([plan.cost], -9)).toBeLessThanOrEqual(1_000_000);
    expect(epsilonAtDelta([plan.cost], -9)).toBeGreaterThan(999_000);
  });

  test("uses all of epsilon: the next larger rho exceeds it", () => {
    for (const micro of [10_000, 1_000_000, 10_000_000]) {
      const picoRho = largestPicoRho(micro, -9);
      const cost = (rho: bigint) => epsilonAtDelta([{ microEpsilon: undefined, picoRho: rho }], -9);
      expect(cost(picoRho)).toBeLessThanOrEqual(micro);
      expect(cost(picoRho + 1n)).toBeGreaterThan(micro);
    }
  });

  test("is never above the bound of Bun and Steinke, rho + 2 sqrt(rho ln(1 / delta))", () => {
    for (const rho of [1e-6, 1e-3, 0.1, 1, 10]) {
      const picoRho = BigInt(Math.round(rho * 1e12));
      const bound = rho + 2 * Math.sqrt(rho * 9 * Math.LN10);
      const epsilon = epsilonAtDelta([{ microEpsilon: undefined, picoRho }], -9) / 1e6;
      expect(epsilon).toBeLessThanOrEqual(bound);
      expect(epsilon).toBeGreaterThan(0.8 * bound - 0.001);
    }
  });
});

test.each([
  [1e-5, -5],
  [0.01, -9],
  [0.3, -6],
  [2, -12],
])(
  "epsilon of rho %d at 10^%i is the one of Balle et al. 2020 (arXiv 1905.09982, theorem 21) at the best order",
  (rho, delta) => {
    // The Rényi divergence of order alpha is alpha rho; written as that theorem has it, over a fine grid of orders.
    const orders = Array.from({ length: 200_000 }, (_, i) => 1 + 10 ** (-2 + i / 25_000));
    const epsilons = orders.map((alpha) => {
      const logs = (alpha - 1) * Math.log(1 - 1 / alpha) - Math.log(alpha) - delta * Math.LN10;
      return alpha * rho + logs / (alpha - 1);
    });
    const expected = epsilons.reduce((least, epsilon) => Math.min(least, epsilon)) * 1e6;
    const picoRho = BigInt(Math.round(rho * 1e12));
    const micro = epsilonAtDelta([{ microEpsilon: undefined, picoRho }], delta);
    expect(Math.abs(micro - expected)).toBeLessThanOrEqual(1 + expected * 1e-7);
  },
);

describe("several releases", () => {
  const pure = { microEpsilon: 100_000, picoRho: 5_000_000_000n };

  test("of pure noise cost the smaller of the sum and the concentrated answer", () => {
    expect(epsilonAtDelta([pure, pure], -9)).toBe(200_000);
    const many = Array.from({ length: 400 }, () => pure);
    const concentrated = epsilonAtDelta([{ microEpsilon: undefined, picoRho: 400n * pure.picoRho }], -9);
    expect(concentrated).toBeLessThan(40_000_000);
    expect(epsilonAtDelta(many, -9)).toBe(concentrated);
  });

  test("of both kinds may add the pure ones to the concentrated others", () => {
    const other = { microEpsilon: undefined, picoRho: 10_000_000_000n };
    const alone = epsilonAtDelta([other], -9);
    expect(epsilonAtDelta([pure, other], -9)).toBeLessThanOrEqual(alone + 100_000);
    expect(epsilonAtDelta([], -9)).toBe(0);
  });
});

test("terms that make no sense are refused", () => {
  const terms = {
    mechanism: "laplace" as const,
    microEpsilon: 1_000_000,
    columns: COLUMNS,
    partitionWeights: [1],
  };
  const wrong = [
    { microEpsilon: 0 },
    { microEpsilon: 1.5 },
    { microEpsilon: 3 },
    { partitionWeights: [0] },
    { partitionWeights: [1_000_001] },
    { columns: [{ sensitivity: 0n, weight: 1 }] },
    { columns: [{ sensitivity: 1n, weight: -1 }] },
    { mechanism: "gaussian" as const },
    { mechanism: "gaussian" as const, delta: -2 },
    { mechanism: "gaussian" as const, delta: -31 },
  ];
  for (const change of wrong) expect(() => planNoise({ ...terms, ...change })).toThrow(RangeError);
});
