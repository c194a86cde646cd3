// Counting the staged rows: how many there are, and which are left out for what reason.
import type { Blame, Engine } from "../engine/engine.ts";
import { InputError } from "../errors.ts";
import type { Part } from "../sources/part.ts";
import { EXAMPLES_MAX, type DroppedRows, type RowPlace } from "../tally.ts";
import { FILTERED, OUTSIDE, type Reasons } from "./faults.ts";
import { ORD_SHIFT, STAGED } from "./stage.ts";

export interface StagedCounts {
  readonly rows: number;
  readonly filtered: number;
  readonly dropped: DroppedRows[];
}

/** Reasons are in the order in which they first occurred. */
export async function tallyRows(
  engine: Engine,
  reasons: Reasons,
  parts: readonly Part[],
  blame: Blame,
): Promise<StagedCounts> {
  const counted = await engine.rows(
    `select fault::integer, count(*), to_json(min(ord, ${EXAMPLES_MAX}))::varchar from ${STAGED}
     group by fault order by min(ord)`,
    blame,
  );
  await assertRows(engine, parts, blame);
  let [rows, filtered] = [0, 0];
  const dropped: DroppedRows[] = [];
  for (const [fault, count, ords] of counted) {
    rows += Number(count);
    if (fault === FILTERED || fault === OUTSIDE) filtered += Number(count);
    else if (fault !== 0) {
      const places = (JSON.parse(String(ords)) as number[]).map((ord) => placeOf(BigInt(ord), parts));
      const reason = reasons.textOf(Number(fault));
      const remedy = reasons.remedyOf(reason);
      dropped.push({
        reason,
        rows: Number(count),
        examples: places,
        ...(remedy !== undefined && { remedy }),
      });
    }
  }
  return { rows, filtered, dropped };
}

/** If the engine skipped a row, or made two of one, the report would be wrong without any error. */
async function assertRows(engine: Engine, parts: readonly Part[], blame: Blame): Promise<void> {
  const counted = await engine.rows(`select ord >> 40, count(*) from ${STAGED} group by all`, blame);
  const found = new Map(counted.map(([part, count]) => [Number(part), Number(count)]));
  for (const [index, { rows, label }] of parts.entries()) {
    if (rows === undefined || rows === (found.get(index) ?? 0)) continue;
    const remedy = `It has ${rows} rows, of which ${found.get(index) ?? 0} were read. Write it again, as plain CSV.`;
    throw new InputError("damaged", { file: label, remedy });
  }
}

/** Where to find the row with a staged `ord`. */
export function placeOf(ord: bigint, parts: readonly Part[]): RowPlace {
  const { label, rowNumber } = parts[Number(ord / ORD_SHIFT)]!;
  return { file: label, row: rowNumber(Number(ord % ORD_SHIFT)) };
}
