// The times of rows: what reports that compare times would find.
import type { Inspection } from "../prepared.ts";
import { goodRows } from "../rows/people.ts";
import { STAGED } from "../rows/stage.ts";
import { one } from "./queries.ts";

export interface MomentsCheck {
  /** Good rows without a time: reports that compare times leave them out. */
  readonly rowsWithout: number;
  /** Seconds since 1970; 0 if there is none. */
  readonly earliest: number;
  readonly latest: number;
  /** Rows with a time per person: the median, the 99 % quantile, the maximum. */
  readonly perPerson: readonly [number, number, number];
}

export async function checkMoments(inspection: Inspection): Promise<MomentsCheck> {
  const good = `${STAGED} where fault = 0`;
  const people = `(select count(*) as n from (${goodRows(inspection.plan)}) where t is not null group by who)`;
  const perPerson = (part: number) => one(inspection, `coalesce(quantile_disc(n, ${part}), 0)`, people);
  return {
    rowsWithout: await one(inspection, "count(*) filter (where t is null)", good),
    earliest: await one(inspection, "coalesce(min(t), 0)", good),
    latest: await one(inspection, "coalesce(max(t), 0)", good),
    perPerson: [await perPerson(0.5), await perPerson(0.99), await perPerson(1)],
  };
}
