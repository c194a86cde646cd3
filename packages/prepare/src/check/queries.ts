// Small queries on the engine's tables.
import type { Inspection } from "../prepared.ts";
import { STAGED } from "../rows/stage.ts";

export async function one({ engine, blame }: Inspection, value: string, from: string): Promise<number> {
  const [[number] = []] = await engine.rows(`select ${value} from ${from}`, blame);
  return Number(number ?? 0);
}

/** Share of the good rows without a value in the staged column, 0 to 1. */
export function nullShare(inspection: Inspection, column: string): Promise<number> {
  const share = `count(*) filter (where ${column} is null) / greatest(count(*), 1)`;
  return one(inspection, share, `${STAGED} where fault = 0`);
}
