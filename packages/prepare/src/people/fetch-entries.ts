// What people can have several of, as arrays: one per slot, with a value per person.
import type { Plan } from "../dataset/request.ts";
import type { Blame, Engine } from "../engine/engine.ts";
import { cellColumn, joinCells, numberCells } from "../rows/cells.ts";
import { entriesTable, listEntries, NUMBERED } from "../rows/entries.ts";
import { AFTER_ALL } from "../rows/moment.ts";
import { numbers } from "./numbers.ts";

/** The cell of an entry that a person does not have. */
export const NO_CELL = 0xffff_ffff;

export interface PeopleInEntries {
  readonly partitions: readonly {
    /** One array per slot: each person's index into `labels`, or `NO_CELL`. */
    readonly slots: Uint32Array[];
    /** Those of the first slot, which everybody has. */
    readonly cells: Uint32Array;
    readonly labels: string[][];
  }[];
  /** For touches, one array per slot: seconds since 1970, ascending within a person, or `AFTER_ALL`. */
  readonly times: Uint32Array[] | undefined;
  /** For each partition the number of entries that found no room, over all people. */
  readonly lost: readonly number[];
}

export async function fetchEntries(
  engine: Engine,
  plan: Plan,
  count: number,
  blame: Blame,
): Promise<PeopleInEntries | undefined> {
  const { entries } = plan;
  if (entries === undefined) return undefined;
  const lost = await listEntries(engine, plan, blame);
  const newSlots = (nothing: number) =>
    Array.from({ length: entries.max }, () => new Uint32Array(count).fill(nothing));
  const times = entries.kind === "touches" ? newSlots(AFTER_ALL) : undefined;
  const partitions: PeopleInEntries["partitions"][number][] = [];
  for (const p of plan.partitions.keys()) {
    const table = entriesTable(plan, p);
    const labels = await numberCells(engine, plan, p, table, blame);
    const slots = newSlots(NO_CELL);
    const columns = ["person", "slot", cellColumn(p), ...(times === undefined ? [] : ["t"])];
    const rows = `select ${columns.join(", ")} from ${table} e join ${NUMBERED} using (who)
      ${joinCells(plan, p, "e")}`;
    for await (const chunk of engine.chunks(rows, blame)) {
      const [person, slot, cell] = [0, 1, 2].map((column) => numbers<Int32Array>(chunk, column));
      person!.forEach((each, row) => (slots[slot![row]!]![each] = cell![row]!));
      if (times === undefined) continue;
      const moments = numbers<Uint32Array>(chunk, 3);
      person!.forEach((each, row) => (times[slot![row]!]![each] = moments[row]!));
    }
    partitions.push({ slots, cells: slots[0]!, labels });
  }
  return { partitions, times, lost };
}
