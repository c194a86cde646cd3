// Since when people count as new in a run of a series that counts them alone: within one key of the sender, as both sides know it from
// the agreements that they signed.
import { runOf, toHex, type SenderStatement, type Terms } from "@halfroom/session";
import type { NodeState } from "../node-state.ts";

/** The number of this run, and of the first run with a report under the same key: the same one if everybody counts as new. */
export interface NewSince {
  readonly run: number;
  readonly first: number;
}

/** Undefined for a session that counts everybody. */
export function newSinceOf(
  { series, agreements }: Pick<NodeState, "series" | "agreements">,
  terms: Terms,
  { epochKey }: Pick<SenderStatement, "epochKey">,
): NewSince | undefined {
  const run = runOf(terms);
  if (run === undefined || terms.newPeople === undefined) return undefined;
  const before = series.runs(toHex(run.id)).filter(({ number }) => number < run.number);
  const first = before.find(({ state, session }) => {
    const key = state === "done" ? agreements.get(session!)?.content.sender.epochKey : undefined;
    return key !== undefined && Buffer.compare(key, epochKey) === 0;
  });
  return { run: run.number, first: first?.number ?? run.number };
}
