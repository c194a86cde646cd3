// What people can have several of, as columns: one per slot, with a value per person.
import { columnOfWords, Lots, type Column, type RecordStore, type StoredRecords } from "@halfroom/crypto";
import type { Plan } from "../dataset/request.ts";
import type { Blame, Engine } from "../engine/engine.ts";
import { cellColumn, joinCells, numberCells } from "../rows/cells.ts";
import { entriesTable, listEntries, NUMBERED } from "../rows/entries.ts";
import { AFTER_ALL } from "../rows/moment.ts";
import { NO_CELL } from "./bases.ts";
import { numbers, sideBySide } from "./numbers.ts";

export interface PeopleInEntries {
  readonly partitions: readonly {
    /** One column per slot: each person's index into `labels`, or `NO_CELL`. Everybody has one in the first. */
    readonly slots: readonly Column<Uint32Array>[];
    readonly labels: string[][];
  }[];
  /** For touches, one column per slot: seconds since 1970, ascending within a person, or `AFTER_ALL`. */
  readonly times: readonly Column<Uint32Array>[] | undefined;
  /** For each partition the number of entries that found no room, over all people. */
  readonly lost: readonly number[];
}

/** A row of the engine: person, slot, cell, moment. */
const [SLOT, CELL, MOMENT] = [1, 2, 3];

export async function fetchEntries(
  engine: Engine,
  plan: Plan,
  count: number,
  records: RecordStore,
  blame: Blame,
): Promise<PeopleInEntries | undefined> {
  const { entries } = plan;
  if (entries === undefined) return undefined;
  const lost = await listEntries(engine, plan, blame);
  const newSlots = () => Array.from({ length: entries.max }, () => records.records(1));
  let times: StoredRecords[] | undefined;
  const partitions: PeopleInEntries["partitions"][number][] = [];
  for (const p of plan.partitions.keys()) {
    const table = entriesTable(plan, p);
    const labels = await numberCells(engine, plan, p, table, blame);
    const columns = ["person", "slot", cellColumn(p), ...(entries.kind === "touches" ? ["t"] : [])];
    const rows = `select ${columns.join(", ")} from ${table} e join ${NUMBERED} using (who)
      ${joinCells(plan, p, "e")}`;
    const lots = new Lots(records, columns.length, count);
    for await (const chunk of engine.chunks(rows, blame))
      await lots.add(
        sideBySide(columns.map((_, column) => numbers<Int32Array | Uint32Array>(chunk, column))),
      );
    const slots = newSlots();
    await fillSlots(lots, columns.length, slots, CELL, NO_CELL);
    // Touches are the same in all partitions.
    if (entries.kind === "touches" && times === undefined) {
      times = newSlots();
      await fillSlots(lots, columns.length, times, MOMENT, AFTER_ALL);
    }
    await lots.close();
    partitions.push({ slots: slots.map(columnOfWords), labels });
  }
  return { partitions, times: times?.map(columnOfWords), lost };
}

/** Adds to each slot what word `word` of everybody's records says; `nothing` where a person has no record. */
async function fillSlots(
  lots: Lots,
  width: number,
  slots: readonly StoredRecords[],
  word: number,
  nothing: number,
): Promise<void> {
  for await (const { first, count, records } of lots.read()) {
    const ofLot = slots.map(() => new Uint32Array(count).fill(nothing));
    for (let at = 0; at < records.length; at += width)
      ofLot[records[at + SLOT]!]![records[at]! - first] = records[at + word]!;
    for (const [slot, filled] of ofLot.entries()) {
      slots[slot]!.append(filled);
      await slots[slot]!.settled();
    }
  }
}
