// Measures compared with their clip bounds, and the bounds that the data suggests.
import type { Inspection } from "../prepared.ts";
import { goodRows } from "../rows/people.ts";
import { STAGED } from "../rows/stage.ts";
import { nullShare } from "./queries.ts";

/** A measure as a request would have it, or without bounds. */
export interface CheckedMeasure {
  readonly name: string;
  /** Scaled by 10^decimals. */
  readonly bounds?: { readonly low: bigint; readonly high: bigint } | undefined;
  readonly decimals: number;
}

export interface MeasureCheck {
  readonly name: string;
  readonly decimals: number;
  /** The fewest decimals that hold every value of the good rows. */
  readonly decimalsNeeded: number;
  /** Rows that are left out because they have more decimals than asked for. */
  readonly tooFineRows: number;
  /** Share of the good rows without a value, 0 to 1. */
  readonly nullShare: number;
  /** Of people's sums before clipping, scaled by 10^decimals: 0 %, 1 %, 50 %, 99 %, 100 %. */
  readonly quantiles: readonly [bigint, bigint, bigint, bigint, bigint];
  readonly low: bigint | undefined;
  readonly high: bigint | undefined;
  /** People whose sum the bounds would change. */
  readonly clippedBelow: number;
  readonly clippedAbove: number;
}

const [LOWEST, HIGHEST] = [-(2n ** 63n), 2n ** 63n - 1n];

export function boundsOf({ bounds }: CheckedMeasure): { low: bigint; high: bigint } {
  return bounds ?? { low: LOWEST, high: HIGHEST };
}

/** People's sums before anything is clipped and before shared identifiers are removed. */
export async function checkMeasures(
  inspection: Inspection,
  measures: readonly CheckedMeasure[],
): Promise<Omit<MeasureCheck, "tooFineRows">[]> {
  const { engine, plan, blame } = inspection;
  const checks: Omit<MeasureCheck, "tooFineRows">[] = [];
  for (const [m, { name, decimals, bounds }] of measures.entries()) {
    const { low, high } = boundsOf(measures[m]!);
    const sums = `(select coalesce(sum(m${m}), 0)::hugeint as s from (${goodRows(plan)}) group by who)`;
    const parts = [0, 0.01, 0.5, 0.99, 1].map((part) => `coalesce(quantile_disc(s, ${part}), 0)::hugeint`);
    const [[q0, q1, q50, q99, q100, below, above] = []] = await engine.rows(
      `select ${parts.join(", ")}, count(*) filter (where s < ${low}::hugeint),
         count(*) filter (where s > ${high}::hugeint) from ${sums}`,
      blame,
    );
    checks.push({
      name,
      decimals,
      decimalsNeeded: await decimalsNeeded(inspection, m, decimals),
      nullShare: await nullShare(inspection, `m${m}`),
      quantiles: [q0, q1, q50, q99, q100] as unknown as MeasureCheck["quantiles"],
      low: bounds?.low,
      high: bounds?.high,
      clippedBelow: Number(below),
      clippedAbove: Number(above),
    });
  }
  return checks;
}

async function decimalsNeeded(
  { engine, blame }: Inspection,
  measure: number,
  decimals: number,
): Promise<number> {
  const spare = Array.from(
    { length: decimals },
    (_, d) => `bool_and(m${measure} % ${10n ** BigInt(d + 1)} = 0)`,
  );
  if (spare.length === 0) return 0;
  const [row = []] = await engine.rows(`select ${spare.join(", ")} from ${STAGED} where fault = 0`, blame);
  return decimals - row.filter((zeros) => zeros !== false).length;
}
