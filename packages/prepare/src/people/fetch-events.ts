// People's events as columns: one per slot, with a value per person.
import {
  columnOfLongs,
  columnOfWords,
  Lots,
  type Column,
  type RecordStore,
  type StoredRecords,
} from "@halfroom/crypto";
import type { Plan } from "../dataset/request.ts";
import type { Blame, Engine } from "../engine/engine.ts";
import { EVENTS, listEvents, NUMBERED } from "../rows/entries.ts";
import { BEFORE_ALL } from "../rows/moment.ts";
import { numbers, sideBySide } from "./numbers.ts";

export interface PeoplesEvents {
  /** How many events each person has. */
  readonly counts: Column<Uint8Array>;
  /** One column per slot: seconds since 1970, ascending within a person; `BEFORE_ALL` where there is no event. */
  readonly times: readonly Column<Uint32Array>[];
  /** For each measure one column per slot: the event's value, scaled by 10^decimals; 0 where there is no event. */
  readonly values: readonly (readonly Column<BigInt64Array>[])[];
  /** Events that found no room, over all people. */
  readonly lost: number;
  /** For each measure: people whose events add up to more than its bounds. */
  readonly clipped: readonly number[];
}

/** A row of the engine: person, slot, moment, then two words for each measure. */
const [SLOT, MOMENT, VALUES] = [1, 2, 3];

export async function fetchEvents(
  engine: Engine,
  plan: Plan,
  count: number,
  records: RecordStore,
  blame: Blame,
): Promise<PeoplesEvents | undefined> {
  const { events, measures } = plan;
  if (events === undefined) return undefined;
  const { lost, clipped } = await listEvents(engine, plan, blame);
  const newSlots = (words: number) => Array.from({ length: events.max }, () => records.records(words));
  const times = newSlots(1);
  const values = measures.map(() => newSlots(2));
  const columns = ["person", "slot", "t", ...measures.map((_, m) => `m${m}`)];
  const rows = `select ${columns.join(", ")} from ${EVENTS} join ${NUMBERED} using (who)`;
  const width = VALUES + 2 * measures.length;
  const lots = new Lots(records, width, count);
  for await (const chunk of engine.chunks(rows, blame)) {
    const words = [0, 1, 2].map((column) => numbers<Int32Array | Uint32Array>(chunk, column));
    const amounts = measures.map((_, m) => numbers<BigInt64Array>(chunk, VALUES + m));
    await lots.add(sideBySide(words, amounts));
  }
  await fillSlots(lots, width, times, values);
  await lots.close();
  const ofSlots = times.map(columnOfWords);
  return {
    counts: countsOf(ofSlots),
    times: ofSlots,
    values: values.map((slots) => slots.map(columnOfLongs)),
    lost,
    clipped,
  };
}

/** Adds to the slots of moments, and of each measure's values, what everybody's records say. */
async function fillSlots(
  lots: Lots,
  width: number,
  times: readonly StoredRecords[],
  values: readonly (readonly StoredRecords[])[],
): Promise<void> {
  for await (const { first, count, records } of lots.read()) {
    const newArrays = (slots: readonly StoredRecords[], nothing: number) =>
      slots.map(({ words }) => new Uint32Array(count * words).fill(nothing));
    const moments = newArrays(times, BEFORE_ALL);
    const amounts = values.map((slots) => newArrays(slots, 0));
    for (let at = 0; at < records.length; at += width) {
      const person = records[at]! - first;
      const slot = records[at + SLOT]!;
      moments[slot]![person] = records[at + MOMENT]!;
      for (let m = 0; m < amounts.length; m++) {
        const value = at + VALUES + 2 * m;
        amounts[m]![slot]!.set(records.subarray(value, value + 2), 2 * person);
      }
    }
    await appendAll([times, ...values].flat(), [moments, ...amounts].flat());
  }
}

async function appendAll(columns: readonly StoredRecords[], words: readonly Uint32Array[]): Promise<void> {
  for (const [i, column] of columns.entries()) {
    column.append(words[i]!);
    await column.settled();
  }
}

/** A moment is never `BEFORE_ALL`. */
function countsOf(times: readonly Column<Uint32Array>[]): Column<Uint8Array> {
  return {
    length: times[0]?.length ?? 0,
    async read(start, end) {
      const slots = await Promise.all(times.map((column) => column.read(start, end)));
      const has = (i: number) => slots.reduce((count, slot) => count + (slot[i] === BEFORE_ALL ? 0 : 1), 0);
      return Uint8Array.from({ length: slots[0]?.length ?? 0 }, (_, i) => has(i));
    },
  };
}
