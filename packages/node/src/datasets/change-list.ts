// People onto the suppress list and off it. Whoever is put on it is taken out of what else is kept of people.
import type { NodeState } from "../node-state.ts";
import { eraseElsewhere, type Erased } from "./erase.ts";
import { forEachIdentifier, type Changed, type OptOutFile } from "./opt-outs.ts";

/**
 * Leaves the people in a CSV, NDJSON or Parquet file out of all later sessions, and removes them from the caches. Whoever has
 * one of the identifiers is left out under all keys. Errors: `no-column`, `no-key`, `flags`, `identifier`; InputError for the file.
 */
export async function suppressOptOuts(node: NodeState, list: OptOutFile): Promise<Changed & Erased> {
  const now = node.clock.now();
  let ofList = 0;
  const change = await forEachIdentifier(node, list, (rows) => {
    const { added, pseudonyms } = node.suppressed.add(rows, now);
    ofList += pseudonyms;
    return added;
  });
  const { keptSessions, unreadable, ...others } = await eraseElsewhere(node, list);
  const pseudonyms = ofList + others.pseudonyms;
  const unread = change.unread.reduce((sum, { rows }) => sum + rows, 0);
  const facts = { added: change.changed, pseudonyms, keptSessions, unread, unreadable: unreadable.length };
  node.audit.append("suppressed", facts, node.clock.now());
  return { ...change, pseudonyms, keptSessions, unreadable };
}

/** Takes the people in a file off the list again, by the identifiers that it has. Errors as `suppressOptOuts`. */
export async function releaseOptOuts(node: NodeState, list: OptOutFile): Promise<Changed> {
  const change = await forEachIdentifier(node, list, (rows) => node.suppressed.remove(rows));
  node.audit.append("unsuppressed", { removed: change.changed }, node.clock.now());
  return change;
}
