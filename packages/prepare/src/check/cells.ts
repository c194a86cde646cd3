// Which labels and combinations of labels there are, and which of them no report could ever show.
import { planOf } from "../dataset/request.ts";
import type { Inspection } from "../prepared.ts";
import { PEOPLE } from "../rows/people.ts";
import { one } from "./queries.ts";

export interface DimensionCheck {
  readonly name: string;
  readonly labels: number;
  /** Share of the good rows without a value, 0 to 1. */
  readonly nullShare: number;
  /** Labels with fewer people than the threshold: none of their cells can ever pass. */
  readonly hopelessLabels: number;
}

export interface CellsCheck {
  readonly groupBy: readonly string[];
  /** Combinations of labels that occur. */
  readonly cells: number;
  /** Of these, those with fewer people than the threshold: they can never pass, whoever the partner is. */
  readonly hopelessCells: number;
  readonly peopleInHopelessCells: number;
}

export async function checkDimensions(
  inspection: Inspection,
  nullShares: readonly number[],
  threshold: number,
): Promise<DimensionCheck[]> {
  return Promise.all(
    inspection.plan.dimensions.map(async ({ name }, d) => {
      const { cells, hopelessCells } = await checkCells(inspection, [name], threshold);
      return { name, labels: cells, nullShare: nullShares[d]!, hopelessLabels: hopelessCells };
    }),
  );
}

/** Throws `InputError` for a dimension that is not declared. */
export async function checkCells(
  inspection: Inspection,
  groupBy: readonly string[],
  threshold: number,
): Promise<CellsCheck> {
  const { dataset, dimensions } = inspection.plan;
  planOf(dataset, { match: [Object.keys(dataset.match)[0]!], measures: [], partitions: [groupBy] });
  const labels = groupBy.map((name) => `d${dimensions.findIndex((dimension) => dimension.name === name)}`);
  const grouped = labels.length === 0 ? "having count(*) > 0" : `group by ${labels.join(", ")}`;
  const sizes = `(select count(*) as n from ${PEOPLE} ${grouped})`;
  return {
    groupBy,
    cells: await one(inspection, "count(*)", sizes),
    hopelessCells: await one(inspection, `count(*) filter (where n < ${threshold})`, sizes),
    peopleInHopelessCells: await one(
      inspection,
      `coalesce(sum(n) filter (where n < ${threshold}), 0)`,
      sizes,
    ),
  };
}
