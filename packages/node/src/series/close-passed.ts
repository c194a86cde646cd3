// Runs that nobody could begin in time: they are told as missed, and what was reserved for them is free again.
import type { NodeState } from "../node-state.ts";

type Series = Pick<NodeState, "store" | "series" | "audit">;

/** A run that will not be made, as an operator is told. */
export interface MissedRun {
  readonly partner: string;
  readonly series: string;
  readonly run: number;
  readonly why: string;
}

/** In the running transaction, if there is one. Undefined if the run was not to be made any more. */
export function missRun(
  { store, series, audit }: Series,
  id: string,
  number: number,
  why: string,
  now: number,
): MissedRun | undefined {
  return store.transaction(() => {
    if (!series.miss(id, number, why)) return undefined;
    const { name, partner } = series.get(id)!;
    audit.append("series-missed", { id: name, partner, run: number, why }, now);
    return { partner, series: name, run: number, why };
  });
}

/** Of all series; a node does it when it starts and now and then. Returns those runs. */
export function closePassedRuns(node: Series, now: number): MissedRun[] {
  return node.series
    .passed(now)
    .flatMap(({ series, number, why }) => missRun(node, series, number, why ?? "late", now) ?? []);
}

/** Runs that were to be made before `number`, which is about to be: runs are made in order. */
export function closeEarlierRuns(node: Series, id: string, number: number, now: number): void {
  for (const run of node.series.openBefore(id, number)) missRun(node, id, run.number, "passed", now);
}
