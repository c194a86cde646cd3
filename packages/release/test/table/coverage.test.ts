// Three hundred releases with noise: the opened numbers lie within their stated intervals at the stated rate.
import { drawNoise, planNoise, varianceOfNoise, type NoiseTerms } from "@halfroom/release";
import { seededRng } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { halfWidth95 } from "../accounting/interval.ts";
import type { ClearTable } from "./model.ts";
import { rulesOf, shapeOf, type BareRules } from "./random-tables.ts";
import { runTable } from "./table-parties.ts";

const RUNS = 300;
const RULES: BareRules = { mode: "noise", threshold: 100n, pair: false, totals: false, opensTo: "both" };
const COLUMNS = [
  { sensitivity: 1n, weight: 1 },
  { sensitivity: 50_000n, weight: 2 },
  { sensitivity: 2_500_000_000n, weight: 1 },
];

/** Four cells of two categories that pass for sure, so that which of them open says nothing of their noise. */
const TABLE: ClearTable = {
  numbers: [1n, 2n, 3n, 4n].map((row) =>
    [1n, 2n].map((category) => [500n * row, -7000n * category, 10n ** 12n]),
  ),
  columns: [{ kind: "people" }, { kind: "sum", measure: 0 }, { kind: "squares", measure: 0 }],
  rowBases: [9000, 9000, 9000, 9000],
  categoryBases: [20_000, 20_000],
};

const SETUPS: readonly (readonly [string, NoiseTerms])[] = [
  ["Laplace", { mechanism: "laplace", microEpsilon: 1_000_000, columns: COLUMNS, partitionWeights: [1] }],
  [
    "Gaussian",
    { mechanism: "gaussian", microEpsilon: 1_000_000, delta: -9, columns: COLUMNS, partitionWeights: [1] },
  ],
];

describe.each(SETUPS)("%s noise", (name, terms) => {
  test("covers 95 % and has the stated variance", async () => {
    const shape = shapeOf([TABLE]);
    const { noise: plan } = planNoise(terms);
    const setup = {
      shape,
      rules: rulesOf(RULES, shape, plan),
      numbers: TABLE.numbers.flat(2),
      bases: { receiver: Uint32Array.from(TABLE.rowBases), sender: Uint32Array.from(TABLE.categoryBases) },
    };
    const spreads = plan[0]!.map((noise) => [halfWidth95(noise), varianceOfNoise(noise)] as const);
    const covered = [0, 0, 0];
    const byShorter = [0, 0, 0];
    const byLonger = [0, 0, 0];
    const squares = [0, 0, 0];
    const draw = (seed: string) => drawNoise(setup.shape, plan, seededRng(seed));
    for (let run = 0; run < RUNS; run++) {
      const seed = `coverage ${name} ${run}`;
      const noise = { sender: draw(`${seed} sender`), receiver: draw(`${seed} receiver`) };
      const { receiver } = await runTable({ ...setup, noise, seed });
      receiver.table.values!.forEach((value, i) => {
        expect(receiver.table.opened[i]).toBe(1);
        const [half, variance] = spreads[i % 3]!;
        const error = value - setup.numbers[i]!;
        const magnitude = error < 0n ? -error : error;
        if (magnitude <= half) covered[i % 3]!++;
        if (10n * magnitude <= 8n * half) byShorter[i % 3]!++;
        if (10n * magnitude <= 12n * half) byLonger[i % 3]!++;
        squares[i % 3]! += Number(error) ** 2 / variance;
      });
    }
    const count = RUNS * 8;
    // 4 standard errors of a rate of 95 % over 2,400 numbers: 1.8 %. Enough to refuse intervals a fifth shorter or longer.
    const slack = 4 * Math.sqrt((0.95 * 0.05) / count);
    covered.forEach((hits, column) => {
      expect(hits / count).toBeGreaterThan(0.95 - slack);
      expect(hits / count).toBeLessThan(0.95 + slack);
      expect(byShorter[column]! / count).toBeLessThan(0.95 - slack);
      expect(byLonger[column]! / count).toBeGreaterThan(0.95 + slack);
      // The mean of 2,400 squares has a standard error of at most 4.3 % (a sum of two Laplace draws).
      expect(Math.abs(squares[column]! / count - 1)).toBeLessThan(0.18);
    });
  });
});
