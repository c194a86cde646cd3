// What is left of people outside of the data once they have opted out: pseudonyms, and marks of who was in runs of a series, that are kept
// under other identifiers of theirs than those on the list, and sessions that are kept for an auditor, who could tell from them who was in. A session is one piece: it goes
// as a whole. It could not be replayed any more either, since its data has changed.
import { rowCount } from "@halfroom/crypto";
import type { NodeState } from "../node-state.ts";
import { eachDataset, itemsOfListed } from "./find-people.ts";
import type { OptOutFile } from "./opt-outs.ts";

/** What was removed besides what goes with the list itself. */
export interface Erased {
  /** Kept pseudonyms, of all partners. */
  readonly pseudonyms: number;
  /** Sessions that were kept for a replay. */
  readonly keptSessions: number;
  /** Datasets that could not be read: what is left of these people there was not looked for. */
  readonly unreadable: readonly string[];
}

/** Errors: as reading the list. */
export async function eraseElsewhere(node: NodeState, list: OptOutFile): Promise<Erased> {
  const { datasets } = await node.rules();
  const kept = keptByDataset(node);
  const hasCaches = node.caches.count() > 0 || node.seen.count() > 0;
  const concerned = Object.entries(datasets).filter(
    ([name, { definition }]) => kept.has(name) || (hasCaches && Object.keys(definition.match).length > 1),
  );
  let [pseudonyms, keptSessions] = [0, 0];
  const unreadable = await eachDataset(Object.fromEntries(concerned), async (name, dataset) => {
    const items = await itemsOfListed(node, dataset, list);
    if (rowCount(items) === 0) return;
    pseudonyms += node.suppressed.forget(items);
    keptSessions += node.kept.forget(kept.get(name) ?? []);
  });
  return { pseudonyms, keptSessions, unreadable };
}

/** Sessions that are kept for a replay, in hex, by the dataset of this side that they read. */
export function keptByDataset({
  kept,
  sessions,
}: Pick<NodeState, "kept" | "sessions">): Map<string, string[]> {
  const byDataset = new Map<string, string[]>();
  for (const session of kept.sessions()) {
    const row = sessions.ofSession(session);
    const name = row?.terms.datasets[row.role];
    if (name !== undefined) byDataset.set(name, [...(byDataset.get(name) ?? []), session]);
  }
  return byDataset;
}
