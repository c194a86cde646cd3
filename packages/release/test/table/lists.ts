// Lists of gates (protocol-spec.md, section 13.2) of releases of random tables.
import type { Role } from "@halfroom/mpc";
import { releaseTable } from "@halfroom/release";
import { randomTable, rulesOf, shapeOf, type BareRules, type Kind } from "./random-tables.ts";
import { runTable, type PartyInput, type TableSetup } from "./table-parties.ts";

export const EXACT: BareRules = {
  mode: "exact",
  threshold: 11n,
  pair: false,
  totals: false,
  opensTo: "both",
};
export const NOISE: BareRules = { ...EXACT, mode: "noise" };
export const KIND: Kind = { rows: 5, padding: 3, categories: 2, measures: [{ squares: false }] };

export function setup(rules: BareRules, kind: Kind = KIND, partitions = 1): TableSetup {
  const entries = rules.entriesMax ?? 1;
  const tables = Array.from({ length: partitions }, (_, i) =>
    randomTable({ ...kind, entries }, rules, `list ${i}`),
  );
  const numbers = tables.flatMap((table) => table.numbers.flat(2));
  const none = new BigInt64Array(numbers.length);
  const shape = shapeOf(tables);
  return {
    shape,
    rules: rulesOf(rules, shape),
    numbers,
    bases: {
      receiver: Uint32Array.from(tables.flatMap((table) => table.rowBases)),
      sender: Uint32Array.from(tables[0]!.categoryBases),
    },
    ...(rules.mode === "noise" ? { noise: { sender: none, receiver: none } } : {}),
    seed: "list",
  };
}

/** The list of a run, and the messages that each side sent. */
export async function listOf(setup: TableSetup) {
  const lists: Partial<Record<Role, string>> = {};
  const variant = async (input: PartyInput) => {
    const outcome = await releaseTable(input);
    lists[input.role] = input.gates.list();
    return outcome;
  };
  const { sender: outcome, log } = await runTable({ ...setup, variant });
  if (lists.receiver !== lists.sender) throw new Error("both sides have one list");
  return { list: lists.sender!, outcome, log };
}
