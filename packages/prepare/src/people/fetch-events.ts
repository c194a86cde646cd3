// People's events as arrays: one per slot, with a value per person.
import type { Plan } from "../dataset/request.ts";
import type { Blame, Engine } from "../engine/engine.ts";
import { EVENTS, listEvents, NUMBERED } from "../rows/entries.ts";
import { BEFORE_ALL } from "../rows/moment.ts";
import { numbers } from "./numbers.ts";

export interface PeoplesEvents {
  /** How many events each person has. */
  readonly counts: Uint8Array;
  /** One array per slot: seconds since 1970, ascending within a person; `BEFORE_ALL` where there is no event. */
  readonly times: Uint32Array[];
  /** For each measure one array per slot: the event's value, scaled by 10^decimals; 0 where there is no event. */
  readonly values: BigInt64Array[][];
  /** Events that found no room, over all people. */
  readonly lost: number;
  /** For each measure: people whose events add up to more than its bounds. */
  readonly clipped: readonly number[];
}

export async function fetchEvents(
  engine: Engine,
  plan: Plan,
  count: number,
  blame: Blame,
): Promise<PeoplesEvents | undefined> {
  const { events, measures } = plan;
  if (events === undefined) return undefined;
  const { lost, clipped } = await listEvents(engine, plan, blame);
  const slots = Array.from({ length: events.max }, (_, slot) => slot);
  const counts = new Uint8Array(count);
  const times = slots.map(() => new Uint32Array(count).fill(BEFORE_ALL));
  const values = measures.map(() => slots.map(() => new BigInt64Array(count)));
  const columns = ["person", "slot", "t", ...measures.map((_, m) => `m${m}`)];
  const rows = `select ${columns.join(", ")} from ${EVENTS} join ${NUMBERED} using (who)`;
  for await (const chunk of engine.chunks(rows, blame)) {
    const [person, slot] = [0, 1].map((column) => numbers<Int32Array>(chunk, column));
    const moments = numbers<Uint32Array>(chunk, 2);
    const amounts = measures.map((_, m) => numbers<BigInt64Array>(chunk, 3 + m));
    person!.forEach((each, row) => {
      counts[each]!++;
      times[slot![row]!]![each] = moments[row]!;
      amounts.forEach((column, m) => (values[m]![slot![row]!]![each] = column[row]!));
    });
  }
  return { counts, times, values, lost, clipped };
}
