// The end of a series before its last run, by either side and at any time: what was reserved for its runs is free again, and the partner is
// told, at once or when it is next reached.
import { tellSeriesEnd, toHex } from "@halfroom/session";
import type { OpenChannel } from "@halfroom/wire";
import type { NodeState } from "../node-state.ts";
import { ownerOf, type Partner } from "../partners/partners.ts";
import { call } from "../run/call.ts";
import { partnerOf } from "./partner-of.ts";
import type { SeriesRow } from "./row.ts";

/** Returns whether it had not ended before. */
export function endSeries(
  { store, series, audit, clock }: Pick<NodeState, "store" | "series" | "audit" | "clock">,
  id: string,
  by: "us" | "partner",
): boolean {
  return store.transaction(() => {
    const now = clock.now();
    const { name, partner } = series.get(id)!;
    const isNews = series.end(id, by, now);
    if (isNews) audit.append("series-ended", { id: name, partner, by }, now);
    return isNews;
  });
}

/** Tells the partner that this side has ended it, waiting for it `waitMs` milliseconds at most. Errors: those of the connection. */
export async function tellEnd(node: NodeState, series: SeriesRow, waitMs: number): Promise<void> {
  const partner = partnerOf(node, series);
  // Nobody is left to be told.
  if (partner === undefined) return node.series.told(series.id);
  const { talk } = await call(node, partner, waitMs);
  try {
    await tellSeriesEnd(talk, new Uint8Array(Buffer.from(series.id, "hex")));
    node.series.told(series.id);
    await talk.close();
  } catch (error) {
    await talk.abort(error);
    throw error;
  }
}

/** Whatever the partner names, it is told the same: of a series of somebody else, or of none, nothing. */
export async function answerSeriesEnd(
  node: NodeState,
  partner: Partner,
  id: Uint8Array,
  talk: OpenChannel,
): Promise<void> {
  const series = node.series.get(toHex(id));
  if (series?.partnerKey === ownerOf(partner).key) endSeries(node, series.id, "partner");
  await talk.send({ type: "seriesEnd", series: id });
  await talk.close();
}
