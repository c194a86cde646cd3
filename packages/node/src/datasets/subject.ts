// What this node holds of people who ask: rows of its datasets, whether they are on the suppress list, kept pseudonyms, series that have
// seen them, and sessions that are kept for an auditor. Reports, receipts, ledger and log have numbers of cells alone.
import type { ByteRows } from "@halfroom/crypto";
import type { NodeState } from "../node-state.ts";
import { keptByDataset } from "./erase.ts";
import { eachDataset, findRows, type FoundRows } from "./find-people.ts";
import { forEachIdentifier, type OptOutFile, type UnreadRows } from "./opt-outs.ts";

export interface HeldOfSubject {
  /** Identifiers in the list, by key. */
  readonly found: Readonly<Record<string, number>>;
  readonly unread: readonly UnreadRows[];
  /** For each dataset that was read: by each key that the list has. */
  readonly datasets: readonly { readonly dataset: string; readonly by: readonly FoundRows[] }[];
  /** Datasets that could not be read. */
  readonly unreadable: readonly string[];
  /** How many of the identifiers are on the suppress list, under whichever rules. */
  readonly suppressed: number;
  /** By the partner with whom they are kept. */
  readonly pseudonyms: Readonly<Record<string, number>>;
  /** By the name of a series that counts new people alone: how many of the identifiers its runs had. */
  readonly seen: Readonly<Record<string, number>>;
  /** Sessions, in hex, that are kept for a replay and read a dataset in which the people are. */
  readonly keptSessions: readonly string[];
}

/** Errors: as `suppressOptOuts`. */
export async function subjectOf(node: NodeState, list: OptOutFile): Promise<HeldOfSubject> {
  const pseudonyms: Record<string, number> = {};
  const seen: Record<string, number> = {};
  const look = async (rows: ByteRows) => {
    for (const { partner, people } of node.caches.holding(rows))
      pseudonyms[partner] = (pseudonyms[partner] ?? 0) + people;
    for (const { series, people } of await node.seen.holding(rows)) {
      const { name } = node.series.get(series)!;
      seen[name] = (seen[name] ?? 0) + people;
    }
    return node.suppressed.listed(rows);
  };
  const { found, unread, changed } = await forEachIdentifier(node, list, look);
  const datasets: { dataset: string; by: FoundRows[] }[] = [];
  const unreadable = await eachDataset((await node.rules()).datasets, async (dataset, config) => {
    datasets.push({ dataset, by: await findRows(node, config, list) });
  });
  const kept = keptByDataset(node);
  const isIn = ({ by }: { by: readonly FoundRows[] }) => by.some(({ rows }) => rows > 0);
  const keptSessions = datasets.filter(isIn).flatMap(({ dataset }) => kept.get(dataset) ?? []);
  const identifiers = [...found.values()].reduce((sum, each) => sum + each, 0);
  node.audit.append("subject-asked", { identifiers }, node.clock.now());
  return {
    found: Object.fromEntries(found),
    unread,
    datasets,
    unreadable,
    suppressed: changed,
    pseudonyms,
    seen,
    keptSessions,
  };
}
