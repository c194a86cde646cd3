// Runs that nobody could begin in time: they are told as missed, and what was reserved for them is free again.
import type { NodeState } from "../node-state.ts";

type Series = Pick<NodeState, "store" | "series" | "audit">;

/** In the running transaction, if there is one. Nothing if the run was not to be made any more. */
export function missRun(
  { store, series, audit }: Series,
  id: string,
  number: number,
  why: string,
  now: number,
): void {
  store.transaction(() => {
    if (!series.miss(id, number, why)) return;
    const { name, partner } = series.get(id)!;
    audit.append("series-missed", { id: name, partner, run: number, why }, now);
  });
}

/** Of all series; a node does it when it starts and now and then. */
export function closePassedRuns(node: Series, now: number): void {
  for (const { series, number, why } of node.series.passed(now))
    missRun(node, series, number, why ?? "late", now);
}

/** Runs that were to be made before `number`, which is about to be: runs are made in order. */
export function closeEarlierRuns(node: Series, id: string, number: number, now: number): void {
  for (const run of node.series.openBefore(id, number)) missRun(node, id, run.number, "passed", now);
}
